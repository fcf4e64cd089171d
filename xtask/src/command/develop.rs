//! `test`: runs the tests of the workspace.

use std::process::Command;

use crate::cli;
use crate::exit::{Error, Exit};
use crate::place;

/// Runs `cargo test` over the workspace.
pub fn test(options: &cli::Test) -> Result<Exit, Error> {
    let root = place::workspace()
        .ok_or_else(|| Error::Usage("run the tests: start the command as `cargo xtask test` in the repository".to_owned()))?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // If the user names a package, only that one is tested.
    let named = options.args.iter().any(|arg| arg == "-p" || arg.starts_with("--package"));
    let scope: &[&str] = if named { &["test"] } else { &["test", "--workspace"] };
    let status = Command::new(cargo).current_dir(root).args(scope).args(&options.args).status();
    let status = status.map_err(|e| Error::Fault(format!("start cargo: {e}")))?;
    Ok(if status.success() { Exit::Success } else { Exit::Deviations })
}
