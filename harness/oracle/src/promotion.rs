//! Promotion of dtypes, derived from their kinds and widths. A test compares the results with the table of the spec.

use array_assay_interface::{DType, Kind};

/// The dtype to which two dtypes promote. It is the wider of two dtypes of one kind, the smallest signed integer that holds a signed and an
/// unsigned dtype, or the smallest complex dtype as precise as a real and a complex one. `None` if the standard leaves it open.
pub fn promoted(a: DType, b: DType) -> Option<DType> {
    use Kind::{ComplexFloating, RealFloating, SignedInteger, UnsignedInteger};
    let smallest = |holds: &dyn Fn(DType) -> bool| DType::ALL.into_iter().find(|d| holds(*d));
    match (a.kind(), b.kind()) {
        (x, y) if x == y => Some(if a.size() >= b.size() { a } else { b }),
        (SignedInteger, UnsignedInteger) => smallest(&|d| d.kind() == SignedInteger && d.size() >= a.size() && d.size() > b.size()),
        (UnsignedInteger, SignedInteger) => promoted(b, a),
        (RealFloating, ComplexFloating) | (ComplexFloating, RealFloating) => {
            smallest(&|d| d.is_complex() && d.precision() >= a.precision().max(b.precision()))
        }
        _ => None,
    }
}
