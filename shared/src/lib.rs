//! What the programs share: the protocol, on plain files.
