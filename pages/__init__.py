"""One file a page of the dashboard; ``dashboard/navigation.py`` lists them."""
