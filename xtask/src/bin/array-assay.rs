//! `array-assay`: the command line for users without the repository.

fn main() -> std::process::ExitCode {
    array_assay::main()
}
