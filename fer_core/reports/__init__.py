"""What a study found, as a document for someone who was not there."""
