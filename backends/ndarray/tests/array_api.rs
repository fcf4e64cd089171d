//! Each check of the standard at level must is a test, run on the crate ndarray in another process.

use std::process::ExitCode;

use array_assay_ndarray::Ndarray;
use array_assay_testing::Suite;

fn main() -> ExitCode {
    Suite::new("ndarray", || Ndarray).baseline("baseline.yaml").main()
}
