"""The pages, one file each part."""
