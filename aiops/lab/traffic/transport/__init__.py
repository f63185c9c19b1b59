"""What the network does with bytes, packets and look-ups of names while requests flow."""
