"""Generated from proto/registry/v1 by tools/gen_proto.py."""
