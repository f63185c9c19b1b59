"""What programs do wrong."""
