"""The consumer's side: fetch what was published, accept it or say why not, keep the last good one."""
