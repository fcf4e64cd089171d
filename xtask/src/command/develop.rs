//! `test`: the tests of the workspace.

use std::process::Command;

use crate::cli;
use crate::exit::{Error, Exit};
use crate::place;

/// Runs `cargo test` over the workspace.
pub fn test(options: &cli::Test) -> Result<Exit, Error> {
    let root =
        place::workspace().ok_or_else(|| Error::Usage("run the tests: start it as `cargo xtask test` in the repository".to_owned()))?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // A package named by the user is meant alone.
    let named = options.args.iter().any(|arg| arg == "-p" || arg.starts_with("--package"));
    let scope: &[&str] = if named { &["test"] } else { &["test", "--workspace"] };
    let status = Command::new(cargo).current_dir(root).args(scope).args(&options.args).status();
    let status = status.map_err(|e| Error::Fault(format!("start cargo: {e}")))?;
    Ok(if status.success() { Exit::Success } else { Exit::Deviations })
}
