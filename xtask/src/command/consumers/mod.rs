//! `consumers`: which library runs which workload of scikit-learn and SciPy, and what stands in the way.

mod claims;
mod compare;
mod freedoms;
mod impact;
mod lda;
mod linalg;
mod package;
pub mod summary;
mod trace;
mod truth;

pub use claims::held;
pub use freedoms::taken;
pub use lda::timed;
pub use truth::told;

use crate::cli;
use crate::exit::{Error, Exit};

/// Runs the command.
pub fn run(options: &cli::Consumers) -> Result<Exit, Error> {
    match &options.command {
        cli::ConsumersCommand::Trace(options) => trace::run(options),
        cli::ConsumersCommand::Truth(options) => truth::run(options),
        cli::ConsumersCommand::Claims(options) => claims::run(options),
        cli::ConsumersCommand::Compare(options) => compare::run(options),
        cli::ConsumersCommand::Freedoms(options) => freedoms::run(options),
        cli::ConsumersCommand::Impact(options) => impact::run(options),
        cli::ConsumersCommand::Linalg => linalg::run(),
        cli::ConsumersCommand::Lda(options) => lda::run(options),
    }
}
