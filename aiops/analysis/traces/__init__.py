"""Where a request's time went and where its error began. Traces come as flat lists of spans."""
