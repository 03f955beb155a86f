//! What the black-box tests across programs stand on: sandboxes with a state
//! directory of their own, the real programs, and an agent that misbehaves to
//! order (`fake-agent`).

pub mod clis;
pub mod disk;
pub mod faults;
pub mod fixing;
pub mod hostile;
mod http;
pub mod hub;
pub mod lab;
pub mod ledger;
pub mod mcp;
pub mod model;
pub mod programs;
pub mod pty;
pub mod random;
pub mod receiver;
pub mod repository;
pub mod sample;
pub mod sandbox;
pub mod scripted;
pub mod slurm;
pub mod trace;
pub mod victim;
pub mod wait;
