"""What a viewer's raw readings mean once her own open eye, usual gaze and face at rest are known.

Pure functions over all readings of one viewer: arrays in, arrays out, no storage.
"""
