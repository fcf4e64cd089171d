//! The ways out to standard output and standard error. Text goes through [`safe`], because a part of it may come from a library.
//!
//! A closed or full standard output ends nothing: the files are written all the same. `main` asks [`fault`] at the end.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::io::{self, ErrorKind, Write};
use std::sync::Mutex;

use array_assay_reports::visible;

/// The first fault of standard output, other than that its reader went away.
static FAULT: Mutex<Option<String>> = Mutex::new(None);

/// Prints a line.
macro_rules! print_line {
    () => { $crate::out::print("\n") };
    ($($text:tt)*) => { $crate::out::print(&format!("{}\n", format_args!($($text)*))) };
}

/// Prints a line on standard error.
macro_rules! warn_line {
    ($($text:tt)*) => { $crate::out::warn(&format!("{}\n", format_args!($($text)*))) };
}

/// Prints a text.
pub fn print(text: &str) {
    print_trusted(&safe(text));
}

/// Prints a text in which everything foreign is visible already, for example one that has colours or commands to the runner of a job.
pub fn print_trusted(text: &str) {
    let mut out = io::stdout().lock();
    let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) else { return };
    // Whoever closed the pipe has read enough, as `head` does.
    if error.kind() != ErrorKind::BrokenPipe
        && let Ok(mut fault) = FAULT.lock()
    {
        fault.get_or_insert_with(|| error.to_string());
    }
}

/// Prints a text on standard error.
pub fn warn(text: &str) {
    // There is no other place to say that it is closed.
    let _ = io::stderr().lock().write_all(safe(text).as_bytes());
}

/// Why not everything could be printed, unless the reader went away.
pub fn fault() -> Option<String> {
    FAULT.lock().ok().and_then(|fault| fault.clone())
}

/// The text with control characters made visible, and without lines that the runner of a job takes for commands.
pub fn safe(text: &str) -> String {
    let visible = visible(text);
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.trim_start().starts_with("##[");
    if !visible.lines().any(is_command) {
        return visible;
    }
    let quiet = |line: &str| {
        let start = line.len() - line.trim_start().len();
        if is_command(line) { format!("{}\\{}", &line[..start], &line[start..]) } else { line.to_owned() }
    };
    visible.split('\n').map(quiet).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_a_command_to_a_runner() {
        let text = "said\n::error file=a::b\n  ##[error]no\na::b\n";
        assert_eq!(safe(text), "said\n\\::error file=a::b\n  \\##[error]no\na::b\n");
    }
}
