//! The cells of calls. What is judged of calls stands in the tables of `harness/tests/verdicts/`.

use array_assay_spec::Spec;

use super::*;
use crate::generate::BackendProfile;

#[test]
fn the_cell_of_an_invalid_call_has_the_dtype_that_was_passed() {
    let spec = Spec::embedded();
    let function = spec.functions.iter().find(|f| f.name == "__index__").unwrap();
    let (profile, raise) =
        (BackendProfile::default(), function.raises.iter().find(|r| r.invalid == array_assay_spec::Invalid::Floating).unwrap());
    let stream = CallStream::new(spec, function, &profile).unwrap();
    let case = stream.invalid(0, raise, 0, None).unwrap();
    let Some(Given::Array(passed)) = case.call.argument("self") else { panic!("{:?}", case.call) };
    assert!(passed.dtype.is_floating());
    assert_eq!(stream.invalid_cell(stream.combination_of(0), &case).label, passed.dtype.name());
}
