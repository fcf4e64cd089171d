//! Promotion of dtypes, worked out from their kinds and widths and not from the table of the spec, with which a test compares it.

use array_assay_interface::{DType, Kind};

/// The dtype to which two promote: the wider one of a kind, the smallest signed integer that holds both signed and unsigned ones, the smallest
/// complex number as precise as both real and complex ones; `None` where the standard leaves that open.
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
