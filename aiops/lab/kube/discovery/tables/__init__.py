"""Tables: the form in which kubectl asks for objects that it prints."""
