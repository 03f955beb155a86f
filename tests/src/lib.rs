//! Black-box tests across the programs.
