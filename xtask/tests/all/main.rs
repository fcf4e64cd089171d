//! The tests of this crate from outside, in one program: to link takes longer than most of them run.

mod command_line;
#[cfg(target_os = "linux")]
mod deploy;
mod devices;
#[cfg(unix)]
mod fragile_library;
mod gate_story;
mod large_calls;
mod lossy_library;
mod misbehaving_library;
mod open_calls;
mod polyfill;
#[cfg(unix)]
mod publish;
mod python_package;
#[cfg(unix)]
mod sandbox;
mod scripts;
#[cfg(target_os = "linux")]
mod signals;
