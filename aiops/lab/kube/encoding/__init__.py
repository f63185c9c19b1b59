"""Bodies in Kubernetes' protobuf encoding."""
