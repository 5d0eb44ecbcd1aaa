"""The whole chain on one machine: a package registry, the gateway, a relay and an instance, each in its own process."""
