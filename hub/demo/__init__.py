"""The demo province: invented people, organizations, outlets and pictures, ready to be pushed through the hub."""
