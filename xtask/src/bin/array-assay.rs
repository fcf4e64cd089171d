//! `array-assay`: the command line for users without the repository, everything built in.

fn main() -> std::process::ExitCode {
    array_assay::main()
}
