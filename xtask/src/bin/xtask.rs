//! `cargo xtask`: the command line in the repository.

fn main() -> std::process::ExitCode {
    array_assay::main()
}
