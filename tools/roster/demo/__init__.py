"""The whole chain on one machine: a package registry, the gateway and a relay, fed by the rosters of a repository.

What serves runs as a process of its own, as it does in production. On loopback, with one temporary folder for all.
"""
