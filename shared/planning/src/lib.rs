//! From files that people write, the machine and a project to a plan: every mistake
//! told at once and with its place, and nothing created.
//!
//! May use: `base`, and of `protocol` the plan and where the user's own files are.
//! Never: a convoy that exists; it writes no state, and starts no agent.

pub mod agent_file;
pub mod config;
pub mod contents;
pub mod diagnostic;
pub mod document;
pub mod executor;
mod fields;
mod file_pattern;
pub mod file_selection;
pub mod issues;
pub mod joined;
pub mod library;
pub mod own_files;
mod patch;
pub mod planner;
mod prices;
pub mod project;
pub mod project_git;
mod prompt_scope;
mod pull_request;
pub mod runner;
pub mod settings;
pub mod source;
pub mod template;
