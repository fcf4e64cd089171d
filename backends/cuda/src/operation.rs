//! The element-wise operations. What each takes and gives is the spec's; which there are is what the kernels define.

use std::sync::LazyLock;

use array_assay_interface::{DType, Kind};
use array_assay_namespace::signature::{self, Gives};

/// Functions on booleans.
pub const BOOL: &str = include_str!("../kernels/bool.cu");
/// Functions on integers.
pub const INTEGER: &str = include_str!("../kernels/integer.cu");
/// Functions on real floating-point numbers.
pub const REAL: &str = include_str!("../kernels/real.cu");
/// Functions on complex numbers.
pub const COMPLEX: &str = include_str!("../kernels/complex.cu");
/// Transcendental functions of complex numbers of double precision.
pub const TRANSCENDENTAL: &str = concat!(include_str!("../kernels/transcendental.cu"), "\n", include_str!("../kernels/power.cu"));

/// An element-wise operation on operands of one dtype.
#[derive(Debug)]
pub struct Operation {
    /// The name in the standard, and in the kernels.
    pub name: &'static str,
    /// How many arrays it takes.
    pub inputs: usize,
    /// The kinds of dtypes that it takes.
    pub takes: Vec<Kind>,
    /// The dtype of the result.
    pub gives: Gives,
    /// Whether complex numbers of single precision are computed in double precision.
    pub is_transcendental: bool,
    /// Whether the first operand is a condition.
    pub is_conditional: bool,
}

impl Operation {
    /// The dtypes of the operands.
    pub fn dtypes(&self) -> impl Iterator<Item = DType> + '_ {
        DType::ALL.into_iter().filter(|dtype| self.takes.contains(&dtype.kind()))
    }
}

/// Whether a text defines a function: a line with the type of its result, and its name.
fn defines(text: &str, function: &str) -> bool {
    let signatures = text.lines().filter_map(|line| line.strip_prefix("DEVICE ")?.split_once(' '));
    signatures.into_iter().any(|(_, rest)| rest.split_once('(').is_some_and(|(name, _)| name == function))
}

/// Whether the kernels define a function on a kind of numbers.
fn is_defined(name: &str, kind: Kind) -> bool {
    let has = |text: &str, end: &str| defines(text, &format!("{name}_{end}"));
    match kind {
        Kind::Boolean => has(BOOL, "b8"),
        Kind::SignedInteger | Kind::UnsignedInteger => has(INTEGER, "$T"),
        Kind::RealFloating => has(REAL, "$T"),
        Kind::ComplexFloating => has(COMPLEX, "$T") || has(TRANSCENDENTAL, "c128"),
    }
}

/// All operations.
pub static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(|| {
    let of = |name: &'static str| {
        let signature = signature::find(name).filter(|signature| signature.operands() > 0 && signature.operator().is_none())?;
        let takes: Vec<Kind> = signature.kinds().iter().copied().filter(|kind| is_defined(name, *kind)).collect();
        let is_transcendental = defines(TRANSCENDENTAL, &format!("{name}_c128"));
        let inputs = signature.operands();
        (!takes.is_empty()).then_some(Operation {
            name,
            inputs,
            takes,
            gives: signature.gives()?,
            is_transcendental,
            is_conditional: false,
        })
    };
    let any = vec![Kind::Boolean, Kind::SignedInteger, Kind::UnsignedInteger, Kind::RealFloating, Kind::ComplexFloating];
    // In the spec it is a function of searching.
    let choice = Operation { name: "where", inputs: 3, takes: any, gives: Gives::Same, is_transcendental: false, is_conditional: true };
    signature::paths().filter_map(of).chain([choice]).collect()
});

/// The operation of that name.
pub fn find(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_takes_every_kind_of_numbers_that_the_spec_names() {
        assert!(OPERATIONS.len() > 60, "{}", OPERATIONS.len());
        for operation in OPERATIONS.iter().filter(|operation| !operation.is_conditional) {
            assert_eq!(operation.takes, signature::find(operation.name).unwrap().kinds(), "{}", operation.name);
        }
    }
}
