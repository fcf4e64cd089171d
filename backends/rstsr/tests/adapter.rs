//! Tests the adapter by calls as a worker makes them.

use array_assay_interface::{
    Arg, Array, Backend, CallError, DType, Element, Exception, Outcome, Output, Program, Role, Scalar, Slice, Step, Value, run_program,
};
use array_assay_rstsr::Rstsr;

fn array(dtype: DType, shape: &[usize], elements: impl IntoIterator<Item = Element>) -> Array {
    Array::from_elements(dtype, shape.to_vec(), elements)
}

fn ints(dtype: DType, elements: &[i128]) -> Array {
    array(dtype, &[elements.len()], elements.iter().map(|v| Element::Int(*v)))
}

fn floats(elements: &[f64]) -> Array {
    array(DType::Float64, &[elements.len()], elements.iter().map(|v| Element::F64(*v)))
}

fn complexes(elements: &[(f64, f64)]) -> Array {
    array(DType::Complex128, &[elements.len()], elements.iter().map(|(re, im)| Element::C128(*re, *im)))
}

fn booleans(elements: &[bool]) -> Array {
    array(DType::Bool, &[elements.len()], elements.iter().map(|v| Element::Bool(*v)))
}

fn step(function: &str, args: Vec<Arg>, kwargs: Vec<(&str, Arg)>) -> Step {
    let kwargs = kwargs.into_iter().map(|(name, arg)| (name.to_owned(), arg)).collect();
    Step { function: function.to_owned(), args, kwargs, role: Role::Subject }
}

/// The outcome of steps, of which the last one counts.
fn run(inputs: &[&Array], steps: Vec<Step>) -> Outcome {
    let inputs: Vec<Array> = inputs.iter().map(|array| (*array).clone()).collect();
    let last = (inputs.len() + steps.len() - 1) as u32;
    run_program(&mut Rstsr::default(), &Program { inputs, steps, returns: vec![last] })
}

/// The outcome of a function of arrays, and of further arguments.
fn call(function: &str, inputs: &[&Array], more: Vec<Arg>) -> Outcome {
    let args = (0..inputs.len() as u32).map(Arg::Register).chain(more).collect();
    run(inputs, vec![step(function, args, vec![])])
}

#[track_caller]
fn value(outcome: Outcome) -> Array {
    match outcome {
        Outcome::Values(values) => match values.as_slice() {
            [Value::Array(array)] => array.clone(),
            other => panic!("expected one array, got {other:?}"),
        },
        other => panic!("expected an array, got {other:?}"),
    }
}

#[track_caller]
fn raised(outcome: Outcome) -> Exception {
    match outcome {
        Outcome::Raised { exception, .. } => exception,
        other => panic!("expected an exception, got {other:?}"),
    }
}

fn int(v: i128) -> Arg {
    Arg::Scalar(Scalar::Int(v))
}

fn slice(start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Arg {
    Arg::Slice(Slice { start, stop, step })
}

/// A 3 x 4 array of a dtype whose bytes differ everywhere, quiet and signalling NaNs with payload among them.
fn patterned(dtype: DType) -> Array {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    let mut data: Vec<u8> = (0..12 * dtype.size()).map(|_| byte()).collect();
    match dtype.real() {
        DType::Bool => data.iter_mut().for_each(|b| *b &= 1),
        DType::Float32 => data[..4].copy_from_slice(&0xff81_2345u32.to_le_bytes()),
        DType::Float64 => data[..8].copy_from_slice(&0xfff0_1234_5678_9abcu64.to_le_bytes()),
        _ => {}
    }
    Array { dtype, shape: vec![3, 4], data }
}

/// The array with the elements of `source` at these flat positions.
fn gathered(source: &Array, shape: &[usize], positions: &[usize]) -> Array {
    let size = source.dtype.size();
    let data = positions.iter().flat_map(|i| source.data[i * size..(i + 1) * size].to_vec()).collect();
    Array { dtype: source.dtype, shape: shape.to_vec(), data }
}

#[test]
fn every_dtype_round_trips_bit_for_bit_in_every_layout() {
    for dtype in DType::ALL {
        let source = patterned(dtype);
        let mut backend = Rstsr::default();
        let whole = backend.from_host(&source).unwrap();
        assert_eq!(backend.to_host(&whole).unwrap(), source);

        let transposed = call("permute_dims", &[&source], vec![Arg::Tuple(vec![int(1), int(0)])]);
        assert_eq!(value(transposed), gathered(&source, &[4, 3], &[0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]));

        let reversed = Arg::Tuple(vec![slice(None, None, Some(-1)), slice(None, None, Some(-2))]);
        assert_eq!(value(call("operator.getitem", &[&source], vec![reversed])), gathered(&source, &[3, 2], &[11, 9, 7, 5, 3, 1]));

        for shape in [vec![], vec![0], vec![2, 0, 3]] {
            let small = gathered(&source, &shape, &vec![5; shape.iter().product()]);
            let there = backend.from_host(&small).unwrap();
            assert_eq!(backend.to_host(&there).unwrap(), small);
        }
    }
}

#[test]
fn what_the_crate_does_not_name_is_missing_and_not_present() {
    let asked = ["add", "operator.add", "linalg.svd", "fft.fft", "finfo", "operator.ifloordiv", "no_such_function"].map(str::to_owned);
    let present: Vec<String> = Rstsr::default().identity(&asked).functions.into_keys().collect();
    assert_eq!(present, ["add", "linalg.svd", "operator.add"]);
    for function in ["fft.fft", "finfo", "operator.ifloordiv", "no_such_function"] {
        let error = Rstsr::default().call(function, &[], &[]).map(|_| ()).unwrap_err();
        assert_eq!(error, CallError::Missing(function.to_owned()));
    }
}

#[test]
fn the_crate_promotes_and_the_adapter_does_not() {
    let (int8, uint8, uint64) = (ints(DType::Int8, &[-1]), ints(DType::Uint8, &[200]), ints(DType::Uint64, &[1]));
    let sum = ints(DType::Int16, &[199]);
    assert_eq!(value(call("add", &[&int8, &uint8], vec![])), sum);
    assert_eq!(value(call("operator.add", &[&int8, &uint8], vec![])), sum);
    // `remainder` of the crate takes one type alone, and no integer type holds int8 and uint64.
    for (function, other) in [("remainder", &uint8), ("add", &uint64)] {
        let refused = raised(call(function, &[&int8, other], vec![]));
        assert_eq!(refused.type_name, "NoSuchImpl", "{function}");
        assert!(refused.message.contains("does not take (int8 array, uint"), "{refused:?}");
    }
    let half = Arg::Scalar(Scalar::Complex((0.0, 0.5)));
    assert_eq!(value(call("multiply", &[&floats(&[4.0])], vec![half])), complexes(&[(0.0, 2.0)]));
}

#[test]
fn operators_of_one_type_are_those_of_rust() {
    let (x, y) = (ints(DType::Int16, &[-7]), ints(DType::Int16, &[2]));
    assert_eq!(value(call("operator.truediv", &[&x, &y], vec![])), ints(DType::Int16, &[-3]));
    assert_eq!(value(call("operator.sub", &[&y], vec![int(5)])), ints(DType::Int16, &[-3]));
    let reflected = run(&[&y], vec![step("operator.sub", vec![int(5), Arg::Register(0)], vec![])]);
    assert_eq!(value(reflected), ints(DType::Int16, &[3]));
    assert_eq!(value(call("operator.lshift", &[&y, &y], vec![])), ints(DType::Int16, &[8]));
    let matrix = array(DType::Int32, &[2, 2], [1, 2, 3, 4].map(Element::Int));
    assert_eq!(
        value(call("operator.matmul", &[&matrix, &matrix], vec![])),
        array(DType::Int32, &[2, 2], [7, 10, 15, 22].map(Element::Int))
    );
}

#[test]
fn an_operator_that_assigns_changes_its_array() {
    let (x, y) = (ints(DType::Int32, &[1, 2]), ints(DType::Int32, &[10]));
    let steps = vec![step("operator.iadd", vec![Arg::Register(0), Arg::Register(1)], vec![])];
    let program = Program { inputs: vec![x.clone(), y], steps, returns: vec![0, 2] };
    let sum = Value::Array(ints(DType::Int32, &[11, 12]));
    assert_eq!(run_program(&mut Rstsr::default(), &program), Outcome::Values(vec![sum.clone(), sum]));
    let wide = array(DType::Int32, &[2, 2], [0; 4].map(Element::Int));
    assert_eq!(raised(call("operator.iadd", &[&x, &wide], vec![])).type_name, "InvalidLayout");
}

#[test]
fn keys_mean_what_they_mean_in_python() {
    let source = patterned(DType::Float32);
    let get = |key: Arg| call("operator.getitem", &[&source], vec![key]);
    assert_eq!(value(get(Arg::Tuple(vec![int(-1), Arg::Ellipsis]))), gathered(&source, &[4], &[8, 9, 10, 11]));
    assert_eq!(value(get(Arg::Tuple(vec![Arg::Ellipsis, Arg::None, int(1)]))), gathered(&source, &[3, 1], &[1, 5, 9]));
    assert_eq!(value(get(slice(Some(2), Some(0), Some(-1)))), gathered(&source, &[2, 4], &[8, 9, 10, 11, 4, 5, 6, 7]));
    assert_eq!(raised(get(int(3))).type_name, "IndexError");

    let (rows, columns) = (ints(DType::Int64, &[0, -1]), ints(DType::Int64, &[1, 2]));
    let both = Arg::Tuple(vec![Arg::Register(1), Arg::Register(2)]);
    let steps = vec![step("operator.getitem", vec![Arg::Register(0), both], vec![])];
    assert_eq!(value(run(&[&source, &rows, &columns], steps)), gathered(&source, &[2], &[1, 10]));

    let mask = booleans(&[true, false, true]);
    let selected = run(&[&source, &mask], vec![step("operator.getitem", vec![Arg::Register(0), Arg::Register(1)], vec![])]);
    assert_eq!(value(selected), gathered(&source, &[2, 4], &[0, 1, 2, 3, 8, 9, 10, 11]));
}

#[test]
fn a_part_is_assigned_an_array_of_a_smaller_type() {
    let (x, y) = (ints(DType::Int32, &[1, 2, 3]), ints(DType::Int8, &[-9]));
    let steps = vec![step("operator.setitem", vec![Arg::Register(0), slice(Some(1), None, None), Arg::Register(1)], vec![])];
    let program = Program { inputs: vec![x, y], steps, returns: vec![0] };
    assert_eq!(run_program(&mut Rstsr::default(), &program), Outcome::Values(vec![Value::Array(ints(DType::Int32, &[1, -9, -9]))]));
}

#[test]
fn a_reduction_takes_axes_and_the_dtype_of_its_result() {
    let matrix = array(DType::Int8, &[2, 3], [1, 2, 3, 100, 100, 100].map(Element::Int));
    let options = |more: Vec<(&'static str, Arg)>| run(&[&matrix], vec![step("sum", vec![Arg::Register(0)], more)]);
    let wide = options(vec![("axis", int(-1)), ("dtype", Arg::Dtype(DType::Int64)), ("keepdims", Arg::bool(true))]);
    assert_eq!(value(wide), array(DType::Int64, &[2, 1], [6, 300].map(Element::Int)));
    // Without a dtype the crate keeps int8, in which the sum wraps.
    assert_eq!(value(options(vec![])), array(DType::Int8, &[], [Element::Int(306 - 256)]));
    assert_eq!(raised(options(vec![("axis", int(2))])).type_name, "AxisError");
}

#[test]
fn indices_are_those_of_the_crate() {
    let sorted = call("argsort", &[&floats(&[3.0, 1.0, 2.0])], vec![]);
    assert_eq!(value(sorted), ints(DType::Uint64, &[1, 2, 0]));
}

#[test]
fn results_in_parts_have_the_names_of_the_standard() {
    let matrix = array(DType::Float64, &[2, 2], [2.0, 0.0, 0.0, 1.0].map(Element::F64));
    let mut backend = Rstsr::default();
    let x = backend.from_host(&matrix).unwrap();
    let Output::Fields(_, fields) = backend.call("linalg.svd", &[(&x).into()], &[]).unwrap() else { panic!("no parts") };
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["U", "S", "Vh"]);
    let Output::Array(s) = &fields[1].1 else { panic!("no array") };
    assert_eq!(backend.to_host(s).unwrap(), floats(&[2.0, 1.0]));
}

#[test]
fn unsafe_functions_are_not_called() {
    assert_eq!(raised(run(&[], vec![step("empty", vec![int(3)], vec![])])).type_name, "Unsafe");
}
