//! `test`: the tests of the workspace.

use std::process::Command;

use crate::cli;
use crate::exit::{Error, Exit};
use crate::place;

/// Runs `cargo test` over the workspace.
pub fn test(options: &cli::Test) -> Result<Exit, Error> {
    let root = place::workspace().ok_or_else(|| Error::Usage("run the tests: start it as `cargo xtask test` in the repository".to_owned()))?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).current_dir(root).args(["test", "--workspace"]).args(&options.args).status();
    let status = status.map_err(|e| Error::Fault(format!("start cargo: {e}")))?;
    Ok(if status.success() { Exit::Success } else { Exit::Deviations })
}
