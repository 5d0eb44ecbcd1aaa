"""The whole chain on one machine: a package registry, the gateway, a relay and an instance, fed by its rosters.

What serves runs as a process of its own, as it does in production. On loopback, with one temporary folder for all.
"""
