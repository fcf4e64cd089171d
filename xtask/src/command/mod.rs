//! One module for each command.

pub mod bench;
pub mod checks;
pub mod codegen;
pub mod conform;
pub mod consumers;
pub mod develop;
pub mod gaps;
pub mod gate;
pub mod github;
pub mod import;
pub mod mutants;
pub mod polyfill;
pub mod publish;
pub mod report;
pub mod repro;
pub mod scripts;
pub mod spec;
pub mod tidy;
pub mod wheel;
pub mod worker;
