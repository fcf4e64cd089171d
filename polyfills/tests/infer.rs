//! What is known of the result of a call before a program runs.

use array_assay_interface::{DType, Scalar};
use array_assay_polyfills::{ArrayFact, Fact, Known, Library, Made, infer};
use array_assay_spec::Spec;

const FLOAT: DType = DType::Float32;

fn array(dtype: DType, shape: &[Option<usize>]) -> Fact {
    ArrayFact { register: 0, dtype, shape: shape.to_vec() }.into()
}

fn known(dtype: DType, shape: &[usize]) -> Fact {
    array(dtype, &shape.iter().copied().map(Some).collect::<Vec<_>>())
}

fn called(path: &str, args: &[Fact], kwargs: &[(&str, Fact)]) -> Result<Made, String> {
    let kwargs: Vec<(String, Fact)> = kwargs.iter().map(|(name, fact)| ((*name).to_owned(), fact.clone())).collect();
    infer(Spec::embedded(), &Library::default(), path, args, &kwargs)
}

fn made(dtype: DType, shape: &[usize]) -> Made {
    Made::Array(dtype, shape.iter().copied().map(Some).collect())
}

fn one(path: &str, args: &[Fact], kwargs: &[(&str, Fact)]) -> Made {
    called(path, args, kwargs).unwrap_or_else(|why| panic!("{path}: {why}"))
}

fn float(v: f64) -> Fact {
    Fact::Scalar(Scalar::Float(v))
}

#[test]
fn fields_of_a_named_tuple_have_dtypes_and_shapes_of_their_own() {
    let x = known(DType::Complex64, &[5, 4, 2]);
    let complete = [("mode", Fact::Str("complete".to_owned()))];
    let fields = |fields: &[(&str, DType, &[usize])]| Made::Named(fields.iter().map(|(n, d, s)| ((*n).to_owned(), made(*d, s))).collect());
    let complex = DType::Complex64;
    let reduced = fields(&[("Q", complex, &[5, 4, 2]), ("R", complex, &[5, 2, 2])]);
    assert_eq!(one("linalg.qr", std::slice::from_ref(&x), &[]), reduced);
    assert_eq!(one("linalg.qr", std::slice::from_ref(&x), &complete), fields(&[("Q", complex, &[5, 4, 4]), ("R", complex, &[5, 4, 2])]));
    assert_eq!(one("linalg.svd", &[x], &[]), fields(&[("U", complex, &[5, 4, 4]), ("S", FLOAT, &[5, 2]), ("Vh", complex, &[5, 2, 2])]));
}

#[test]
fn sizes_that_elements_decide_are_unknown_and_stay_so() {
    let x = array(FLOAT, &[None, Some(3)]);
    assert_eq!(one("sum", std::slice::from_ref(&x), &[("axis", Fact::int(0))]), made(FLOAT, &[3]));
    assert_eq!(one("concat", &[Fact::List(vec![x.clone(), known(FLOAT, &[2, 3])])], &[]), Made::Array(FLOAT, vec![None, Some(3)]));
    assert_eq!(one("nonzero", std::slice::from_ref(&x), &[]), Made::Tuple(vec![Made::Array(DType::Int64, vec![None]); 2]));
    assert_eq!(one("repeat", &[known(FLOAT, &[3]), known(DType::Int64, &[3])], &[]), Made::Array(FLOAT, vec![None]));
    assert_eq!(
        one("zeros", &[Fact::Tuple(vec![Known::Size { register: 0, axis: 0 }.into(), Fact::int(2)])], &[]),
        Made::Array(DType::Float64, vec![None, Some(2)])
    );
    assert_eq!(called("unstack", &[x], &[]), Err("the number of arrays is not known before the program runs".to_owned()));
}

#[test]
fn the_dtype_of_arrays_made_of_numbers_is_that_of_their_kind() {
    let dtype = |path: &str, args: &[Fact], kwargs: &[(&str, Fact)]| match one(path, args, kwargs) {
        Made::Array(dtype, _) => dtype,
        other => panic!("{path} gives {other:?}"),
    };
    assert_eq!(dtype("full", &[Fact::int(2), Fact::bool(true)], &[]), DType::Bool);
    assert_eq!(dtype("full", &[Fact::int(2), Fact::int(1)], &[("dtype", Fact::Dtype(DType::Uint8))]), DType::Uint8);
    assert_eq!(dtype("arange", &[Fact::int(3)], &[("step", Fact::int(1))]), DType::Int64);
    assert_eq!(dtype("arange", &[Fact::int(3), float(4.5)], &[]), DType::Float64);
    // The function makes no arrays of integers.
    assert_eq!(dtype("linspace", &[Fact::int(0), Fact::int(1), Fact::int(5)], &[]), DType::Float64);
    assert_eq!(dtype("asarray", &[Fact::List(vec![Fact::int(1), float(0.5)])], &[]), DType::Float64);
    assert_eq!(dtype("asarray", &[Fact::List(Vec::new())], &[]), DType::Float64);
    assert_eq!(dtype("asarray", &[known(DType::Int8, &[2])], &[]), DType::Int8);
}

#[test]
fn the_condition_of_where_promotes_with_nothing() {
    let args = [known(DType::Bool, &[3, 1]), known(DType::Int8, &[2]), known(DType::Int32, &[])];
    assert_eq!(one("where", &args, &[]), made(DType::Int32, &[3, 2]));
    assert_eq!(one("where", &[args[0].clone(), known(FLOAT, &[]), Fact::int(1)], &[]), made(FLOAT, &[3, 1]));
}

#[test]
fn arguments_that_do_not_fit_say_why() {
    let x = known(FLOAT, &[2, 3]);
    assert_eq!(called("sum", std::slice::from_ref(&x), &[("axis", Fact::int(2))]), Err("axis 2 is out of bounds for rank 2".to_owned()));
    assert_eq!(called("add", &[x, known(FLOAT, &[4])], &[]), Err("sizes 3 and 4 do not broadcast".to_owned()));
}
