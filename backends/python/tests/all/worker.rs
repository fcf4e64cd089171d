//! Tests the Python worker with a real interpreter, in the environments that this crate installs.
//!
//! The first run installs NumPy and array-api-strict into the target folder. Later runs need no network.

use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use array_assay_interface::{
    Arg, Array, Block, DType, HostFrame, Identity, Outcome, PROTOCOL_VERSION, Program, READS, Role, Scalar, Slice, Step, Unfit, Value,
    WorkerFrame, encode_batch, encode_frame, read_frame, write_frame,
};

use array_assay_python::{WorkerCommand, module, named};
use serde_bytes::ByteBuf;

/// The target folder, where the command line keeps its environments too.
fn state() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it lies in the target folder")
}

fn command(name: &str) -> WorkerCommand {
    named(name, state(), &mut |message| eprintln!("{message}")).unwrap_or_else(|error| panic!("failed to {error}"))
}

/// A worker for a module of `tests/fixtures/`, in the interpreter of the environment `numpy`.
fn fixture(name: &str) -> Worker {
    let numpy = command("numpy").program;
    let command = module(name, Some(&numpy), state(), &mut |message| panic!("nothing to provision, but: {message}"));
    Worker::start(&command.unwrap_or_else(|error| panic!("failed to {error}")))
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Every dtype with elements that a careless worker loses: payloads of NaN, zeros of both signs, subnormals, the ends of the range.
fn hard_arrays(dtype: DType) -> Vec<Array> {
    let words: Vec<u64> = match dtype {
        DType::Bool => vec![0, 1, 1, 0, 0, 1],
        DType::Float32 | DType::Complex64 => vec![0x3FC0_0000, 0x8000_0000, 0x7F80_0000, 1, 0xC049_0FDB, 0xFFC0_0000],
        DType::Float64 | DType::Complex128 => vec![0x3FF8 << 48, 1 << 63, 0x7FF0 << 48, 1, 0xC009_21FB_5444_2D18, 0xFFF8 << 48],
        _ => vec![0, 1, u64::MAX, 1 << (8 * dtype.size() - 1), (1 << (8 * dtype.size() - 1)) - 1, 0x5A],
    };
    let component = if dtype.is_complex() { dtype.size() / 2 } else { dtype.size() };
    let components = dtype.size() / component;
    let bytes: Vec<u8> = words.iter().cycle().take(6 * components).flat_map(|word| word.to_le_bytes()[..component].to_vec()).collect();
    let of =
        |shape: &[usize]| Array { dtype, shape: shape.to_vec(), data: bytes[..shape.iter().product::<usize>() * dtype.size()].to_vec() };
    vec![of(&[6]), of(&[2, 3]), of(&[1, 2, 3]), of(&[]), of(&[0]), of(&[2, 0])]
}

/// Asserts that arrays of every dtype of the library get into it and back bit for bit.
fn carries_bit_for_bit(name: &str) {
    let mut worker = Worker::start(&command(name));
    let identity = worker.hello(&[]);
    assert!(!identity.dtypes.is_empty(), "{name}");
    for dtype in identity.dtypes.iter().map(|name| name.parse::<DType>().unwrap()) {
        for array in hard_arrays(dtype) {
            let program = Program { inputs: vec![array.clone()], steps: vec![], returns: vec![0] };
            match worker.run_one(program) {
                Outcome::Values(values) => match values.as_slice() {
                    [Value::Array(back)] => assert_eq!(back, &array, "{name}"),
                    other => panic!("{name} {array}: {other:?}"),
                },
                other => panic!("{name} {array}: {other:?}"),
            }
        }
    }
    assert_eq!(worker.stop().0, Some(0), "{name}");
}

#[test]
fn libraries_carry_arrays_bit_for_bit() {
    carries_bit_for_bit("numpy");
    carries_bit_for_bit("array-api-strict");
    // The other libraries are large: `ARRAY_ASSAY_LIBRARIES="torch jax" cargo test -p array-assay-python`.
    for name in std::env::var("ARRAY_ASSAY_LIBRARIES").unwrap_or_default().split_whitespace() {
        carries_bit_for_bit(name);
    }
}

#[test]
fn settings_name_import_paths_and_modules() {
    let numpy = command("numpy");
    let settings = r#"{"into": "xp.array(host) + dtype.type(0)", "out": "np.array(x)", "together": "[np.array(x) for x in xs]",
                       "modules": {"linalg": "math"}, "lacks": ["uint16"], "shapes": [[2, 3]], "layouts": {"reversed": "flip"}}"#;
    let mut tuned = numpy.clone();
    tuned.args.extend(["--settings".into(), settings.into()]);
    let mut worker = Worker::start(&tuned);
    let identity = worker.hello(&["linalg.isqrt", "linalg.svd", "add"]);
    assert_eq!(identity.shapes, [vec![2, 3]]);
    assert_eq!(identity.layouts["reversed"], "flip");
    assert!(!identity.capabilities["uint16"]);
    let found: Vec<&str> = identity.functions.keys().map(String::as_str).collect();
    assert_eq!(found, ["add", "linalg.isqrt"], "the module stands for the extension");
    assert_eq!(worker.stop().0, Some(0));
}

struct Worker {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    fn start(command: &WorkerCommand) -> Worker {
        let mut child = Command::new(&command.program)
            .args(&command.args)
            .envs(command.env.iter().cloned())
            .env("PYTHONPATH", fixtures())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Worker { child, input, output }
    }

    fn hello(&mut self, functions: &[&str]) -> Identity {
        let functions = functions.iter().map(|f| f.to_string()).collect();
        write_frame(&mut self.input, &HostFrame::Hello { protocol: PROTOCOL_VERSION, functions, reads: READS.map(str::to_owned).to_vec() })
            .unwrap();
        match read_frame(&mut self.output).unwrap() {
            Some(WorkerFrame::Identity(identity)) => *identity,
            other => panic!("{other:?}"),
        }
    }

    /// The frames that answer a batch of `count` programs.
    fn answers(&mut self, batch: u64, count: usize) -> Vec<Vec<Outcome>> {
        let (mut frames, mut seen) = (Vec::new(), 0);
        while seen < count {
            match read_frame(&mut self.output).unwrap() {
                Some(WorkerFrame::Outcomes { id, first, outcomes }) => {
                    assert_eq!((id, first as usize), (batch, seen));
                    seen += outcomes.iter().map(Outcome::runs).sum::<usize>();
                    frames.push(outcomes);
                }
                other => panic!("{other:?}"),
            }
        }
        frames
    }

    fn run(&mut self, programs: Vec<Program>) -> Vec<Outcome> {
        let count = programs.len();
        write_frame(&mut self.input, &HostFrame::Batch { id: 7, programs }).unwrap();
        self.answers(7, count).concat()
    }

    fn run_blocks(&mut self, blocks: &[Block]) -> Vec<Outcome> {
        self.input.write_all(&encode_batch(7, blocks).unwrap()).unwrap();
        self.input.flush().unwrap();
        self.answers(7, blocks.iter().map(|block| block.runs).sum()).concat()
    }

    fn run_one(&mut self, program: Program) -> Outcome {
        self.run(vec![program]).remove(0)
    }

    /// Sends `stop`. Returns the exit status and what was printed to stderr.
    fn stop(mut self) -> (Option<i32>, String) {
        // A worker that could not start has closed its input, so the write may fail.
        let _ = write_frame(&mut self.input, &HostFrame::Stop);
        self.end()
    }

    /// Closes its input.
    fn end(mut self) -> (Option<i32>, String) {
        drop(self.input);
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().code(), stderr)
    }
}

fn step(function: &str, args: Vec<Arg>) -> Step {
    Step { function: function.to_owned(), args, kwargs: Vec::new(), role: Role::Subject }
}

/// A program with one step over `inputs`, which returns the result of the step.
fn call(inputs: Vec<Array>, function: &str, args: Vec<Arg>) -> Program {
    let returns = vec![inputs.len() as u32];
    Program { inputs, steps: vec![step(function, args)], returns }
}

/// A program with one step whose only argument is `input`.
fn apply(function: &str, input: Array) -> Program {
    call(vec![input], function, vec![Arg::Register(0)])
}

fn float64(shape: &[usize], elements: &[f64]) -> Array {
    Array { dtype: DType::Float64, shape: shape.to_vec(), data: elements.iter().flat_map(|v| v.to_le_bytes()).collect() }
}

fn values(outcome: &Outcome) -> &[Value] {
    match outcome {
        Outcome::Values(values) => values,
        other => panic!("{other:?}"),
    }
}

fn int(v: i128) -> Arg {
    Arg::Scalar(Scalar::Int(v))
}

/// Arrays of `dtype` with every byte pattern of interest: of several ranks, without elements, with NaN payloads.
fn patterns(dtype: DType, payloads: bool) -> Vec<Array> {
    let component = dtype.real().size();
    let words: [u64; 6] = match dtype.real() {
        DType::Bool => [0, 1, 1, 0, 1, 0],
        DType::Float32 => [0x8000_0000, 0x7f80_0000, 1, 0x3fc0_0000, 0xc049_0fdb, if payloads { 0xffc0_beef } else { 0x7f7f_ffff }],
        DType::Float64 => [1 << 63, 0x7ff0 << 48, 1, 0x3ff8 << 48, 0xc009_21fb_5444_2d18, if payloads { 0xfff8_dead_beef_0001 } else { 2 }],
        _ => [0, 1, u64::MAX, 1 << (8 * component - 1), (1 << (8 * component - 1)) - 1, 90],
    };
    let components = dtype.size() / component;
    let data: Vec<u8> = (0..6 * components).flat_map(|i| words[i % 6].to_le_bytes()[..component].to_vec()).collect();
    [vec![6], vec![2, 3], vec![1, 3, 1, 2], vec![], vec![0], vec![2, 0, 3]]
        .into_iter()
        .map(|shape| {
            let count: usize = shape.iter().product();
            Array { dtype, data: data[..count * dtype.size()].to_vec(), shape }
        })
        .collect()
}

/// Sends every pattern through a program without steps and expects the same bytes back.
fn round_trip(worker: &mut Worker, dtypes: &[DType], payloads: bool) {
    let arrays: Vec<_> = dtypes.iter().flat_map(|dtype| patterns(*dtype, payloads)).collect();
    let programs = arrays.iter().map(|array| Program { inputs: vec![array.clone()], steps: vec![], returns: vec![0] });
    let outcomes = worker.run(programs.collect());
    for (array, outcome) in arrays.iter().zip(outcomes) {
        assert_eq!(outcome, Outcome::Values(vec![Value::Array(array.clone())]));
    }
}

#[test]
fn numpy_says_who_it_is() {
    let mut worker = Worker::start(&command("numpy"));
    let asked = ["add", "linalg.svd", "nanmin", "no_such_function", "linalg.no", "pi", "operator.add", "method.to_device", "attribute.mT"];
    let identity = worker.hello(&asked);
    assert_eq!((identity.protocol, identity.name.as_str()), (PROTOCOL_VERSION, "numpy"));
    assert!(identity.version.starts_with("2.4."), "{}", identity.version);
    assert!(identity.language.starts_with("Python 3."), "{}", identity.language);
    assert_eq!(identity.devices, ["cpu"]);
    assert_eq!(identity.dtypes, DType::ALL.map(DType::name));
    assert_eq!(identity.default_dtypes["real floating"], "float64");
    assert_eq!(identity.extensions, ["linalg", "fft"]);
    assert!(identity.capabilities["boolean indexing"]);
    let present: Vec<_> = identity.functions.keys().map(String::as_str).collect();
    assert_eq!(present, ["add", "attribute.mT", "linalg.svd", "method.to_device", "nanmin", "operator.add", "pi"]);
    let svd = identity.functions["linalg.svd"].signature.as_ref().unwrap();
    assert!(svd.iter().any(|p| p.name == "full_matrices" && p.default.as_deref() == Some("True")), "{svd:?}");
    assert_eq!(identity.functions["pi"].signature, None);
    assert_eq!(worker.stop(), (Some(0), String::new()));
}

#[test]
fn compat_reports_the_wrapped_library_and_itself() {
    let mut worker = Worker::start(&command("compat:numpy"));
    let identity = worker.hello(&["astype"]);
    assert_eq!(identity.name, "compat:numpy");
    assert!(identity.version.starts_with("2.4."), "{}", identity.version);
    assert!(identity.also.contains_key("array-api-compat"));
    round_trip(&mut worker, &DType::ALL, true);
}

#[test]
fn scipy_reports_what_stands_for_an_extension_and_what_it_stands_beside() {
    let mut worker = Worker::start(&command("scipy"));
    let identity = worker.hello(&["linalg.svd"]);
    assert!(identity.version.starts_with("1."), "{}", identity.version);
    let also: Vec<(&str, bool)> = identity.also.iter().map(|(name, version)| (name.as_str(), *version == identity.version)).collect();
    assert_eq!(also, [("numpy", false), ("scipy.fft", true), ("scipy.linalg", true)]);
}

#[test]
fn every_dtype_travels_bit_for_bit() {
    for name in ["numpy", "array-api-strict"] {
        let mut worker = Worker::start(&command(name));
        worker.hello(&[]);
        round_trip(&mut worker, &DType::ALL, true);
        assert_eq!(worker.stop().0, Some(0));
    }
}

#[test]
fn a_library_without_numpy_takes_and_gives_numbers() {
    let mut worker = fixture("pure");
    let identity = worker.hello(&["add"]);
    assert_eq!(identity.dtypes, ["int8", "int64", "uint64", "float32", "float64", "complex64", "complex128"]);
    let dtypes: Vec<DType> = identity.dtypes.iter().map(|name| name.parse().unwrap()).collect();
    round_trip(&mut worker, &dtypes, false);
    let x = float64(&[2], &[1.5, -0.25]);
    let outcome = worker.run_one(call(vec![x.clone(), x], "add", vec![Arg::Register(0), Arg::Register(1)]));
    assert_eq!(outcome, Outcome::Values(vec![Value::Array(float64(&[2], &[3.0, -0.5]))]));
    let absent = Array { dtype: DType::Uint8, shape: vec![1], data: vec![0] };
    let outcome = worker.run_one(apply("add", absent));
    assert_eq!(outcome, Outcome::Missing { name: "uint8".to_owned(), step: None, values: vec![] });
}

#[test]
fn what_the_worker_cannot_carry_is_no_exception_of_the_library() {
    let mut worker = fixture("lossy");
    worker.hello(&[]);
    let uint8 = |elements: &[u8]| Array { dtype: DType::Uint8, shape: vec![elements.len()], data: elements.to_vec() };
    // An element that its dtype cannot hold is a wrong value, not an error.
    let outcome = worker.run_one(apply("bitwise_invert", uint8(&[0])));
    let unfit = Unfit { dtype: DType::Uint8, shape: vec![1], at: 0, element: "-1".to_owned() };
    assert_eq!(outcome, Outcome::Values(vec![Value::Unfit(unfit)]));
    // No step is to blame for an array that cannot be made, or that no export path can carry.
    let complex = Array { dtype: DType::Complex128, shape: vec![1], data: vec![0; 16] };
    for (function, input) in [("builtins.complex", complex), ("forge", float64(&[1], &[1.0]))] {
        let outcome = worker.run_one(apply(function, input));
        assert!(matches!(outcome, Outcome::Raised { step: None, .. }), "{function}: {outcome:?}");
    }
    // An exception during a lazy computation belongs to the step that made the lazy array.
    let outcome = worker.run_one(apply("promise", float64(&[2], &[1.0, 2.0])));
    let Outcome::Raised { exception, step: Some(0), .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(exception.type_name, "ArithmeticError");
    assert_eq!(worker.stop().0, Some(0));
}

#[test]
fn a_harness_that_does_not_read_unfit_arrays_gets_their_representation() {
    let mut worker = fixture("lossy");
    write_frame(&mut worker.input, &HostFrame::Hello { protocol: PROTOCOL_VERSION, functions: vec![], reads: vec![] }).unwrap();
    assert!(matches!(read_frame(&mut worker.output).unwrap(), Some(WorkerFrame::Identity(_))));
    let outcome = worker.run_one(apply("bitwise_invert", Array { dtype: DType::Uint8, shape: vec![1], data: vec![0] }));
    let [Value::Opaque(text)] = values(&outcome) else { panic!("{outcome:?}") };
    assert!(text.contains("-1"), "{text}");
}

#[test]
fn arguments_of_every_kind_arrive() {
    let mut worker = Worker::start(&command("numpy"));
    worker.hello(&[]);
    let x = || float64(&[3], &[1.0, 2.0, 3.0]);
    let with_kwargs = |mut program: Program, kwargs: Vec<(&str, Arg)>| {
        program.steps[0].kwargs = kwargs.into_iter().map(|(name, arg)| (name.to_owned(), arg)).collect();
        program
    };
    let int64 = |elements: &[i64]| Array {
        dtype: DType::Int64,
        shape: vec![elements.len()],
        data: elements.iter().flat_map(|v| v.to_le_bytes()).collect(),
    };
    let reversed = Arg::Slice(Slice { start: None, stop: None, step: Some(-1) });
    let one = |array| vec![Value::Array(array)];
    let cases = vec![
        (
            call(vec![x(), x()], "concat", vec![Arg::List(vec![Arg::Register(0), Arg::Register(1)])]),
            one(float64(&[6], &[1., 2., 3., 1., 2., 3.])),
        ),
        (
            call(vec![x()], "operator.getitem", vec![Arg::Register(0), Arg::Tuple(vec![Arg::Ellipsis, reversed, Arg::None])]),
            one(float64(&[3, 1], &[3., 2., 1.])),
        ),
        (with_kwargs(apply("sum", x()), vec![("axis", int(0)), ("keepdims", Arg::Scalar(Scalar::Bool(true)))]), one(float64(&[1], &[6.]))),
        (
            with_kwargs(
                call(vec![], "arange", vec![int(2)]),
                vec![("dtype", Arg::Dtype(DType::Int64)), ("device", Arg::Device("cpu".to_owned()))],
            ),
            one(int64(&[0, 1])),
        ),
        (call(vec![x()], "multiply", vec![Arg::Register(0), Arg::Scalar(Scalar::Float(-0.5))]), one(float64(&[3], &[-0.5, -1., -1.5]))),
        (call(vec![], "isdtype", vec![Arg::Dtype(DType::Int8), Arg::Str("integral".to_owned())]), vec![Value::Scalar(Scalar::Bool(true))]),
        (
            call(vec![], "add", vec![Arg::Scalar(Scalar::Complex((1.0, f64::INFINITY))), int(1)]),
            vec![Value::ArrayScalar {
                type_name: "numpy.complex128 (a Python complex)".to_owned(),
                array: Array {
                    dtype: DType::Complex128,
                    shape: vec![],
                    data: [2.0f64, f64::INFINITY].iter().flat_map(|v| v.to_le_bytes()).collect(),
                },
            }],
        ),
        (apply("attribute.dtype", x()), vec![Value::Dtype(vec!["float64".to_owned()])]),
        (apply("attribute.device", x()), vec![Value::Device(vec!["cpu".to_owned()])]),
        (apply("attribute.shape", x()), vec![Value::Tuple(vec![Value::Scalar(Scalar::Int(3))])]),
        (apply("builtins.float", float64(&[], &[2.5])), vec![Value::Scalar(Scalar::Float(2.5))]),
        (call(vec![x()], "method.__add__", vec![Arg::Register(0), int(1)]), one(float64(&[3], &[2., 3., 4.]))),
        (call(vec![], "pi", vec![]), vec![Value::Scalar(Scalar::Float(std::f64::consts::PI))]),
    ];
    let (programs, expected): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    for ((outcome, expected), program) in worker.run(programs.clone()).into_iter().zip(expected).zip(&programs) {
        assert_eq!(outcome, Outcome::Values(expected), "{program:?}");
    }
}

#[test]
fn named_tuples_keep_their_fields_and_assignment_shows_in_the_register() {
    let mut worker = Worker::start(&command("numpy"));
    worker.hello(&[]);
    let outcome = worker.run_one(apply("unique_counts", float64(&[2], &[2.0, 2.0])));
    let [Value::NamedTuple(fields)] = values(&outcome) else { panic!("{outcome:?}") };
    assert_eq!(fields[0], ("values".to_owned(), Value::Array(float64(&[1], &[2.0]))));
    assert_eq!(fields[1].0, "counts");
    let program = Program {
        inputs: vec![float64(&[2], &[1.0, 2.0])],
        steps: vec![step("operator.setitem", vec![Arg::Register(0), int(1), Arg::Scalar(Scalar::Float(9.0))])],
        returns: vec![0, 1],
    };
    let outcome = worker.run_one(program);
    assert_eq!(outcome, Outcome::Values(vec![Value::Array(float64(&[2], &[1.0, 9.0])), Value::None]));
}

#[test]
fn a_failed_step_hands_back_what_was_made_before_it() {
    let mut worker = Worker::start(&command("numpy"));
    worker.hello(&[]);
    let x = float64(&[2], &[1.0, 2.0]);
    let program = |function: &str| Program {
        inputs: vec![x.clone()],
        steps: vec![step("negative", vec![Arg::Register(0)]), step(function, vec![Arg::Register(1)])],
        returns: vec![1, 2],
    };
    let made = vec![Value::Array(float64(&[2], &[-1.0, -2.0]))];
    let outcomes = worker.run(vec![program("linalg.inv"), program("linalg.nothing"), program("attribute.nothing"), program("negative")]);
    let Outcome::Raised { exception, step, values } = &outcomes[0] else { panic!("{:?}", outcomes[0]) };
    assert_eq!((step, values), (&Some(1), &made));
    assert_eq!(exception.type_name, "numpy.linalg.LinAlgError");
    assert_eq!((exception.is("ValueError"), exception.is("TypeError")), (Some(true), Some(false)), "{:?}", exception.bases);
    assert!(exception.message.contains("dimension"), "{}", exception.message);
    assert!(exception.traceback.contains("in inv"), "{}", exception.traceback);
    for (outcome, name) in outcomes[1..3].iter().zip(["linalg.nothing", "attribute.nothing"]) {
        assert_eq!(outcome, &Outcome::Missing { name: name.to_owned(), step: Some(1), values: made.clone() });
    }
    assert!(matches!(outcomes[3], Outcome::Values(_)));
}

#[test]
fn a_library_that_misbehaves_costs_its_own_program_only() {
    let mut worker = fixture("noisy");
    worker.hello(&[]);
    let x = || float64(&[1], &[1.0]);
    let names = ["shout", "leave", "interrupt", "recurse", "unprintable", "lost_attribute", "odd_values", "odd_values_by_name", "negative"];
    let outcomes = worker.run(names.map(|name| apply(name, x())).to_vec());
    assert_eq!(outcomes[0], Outcome::Values(vec![Value::Array(x())]));
    let raised: Vec<_> = outcomes[1..6]
        .iter()
        .map(|outcome| match outcome {
            Outcome::Raised { exception, step: Some(0), .. } => exception,
            other => panic!("{other:?}"),
        })
        .collect();
    let types: Vec<_> = raised.iter().map(|e| e.type_name.rsplit('.').next().unwrap()).collect();
    assert_eq!(types, ["SystemExit", "KeyboardInterrupt", "RecursionError", "Unprintable", "AttributeError"]);
    assert!(raised[2].traceback.chars().count() <= 8_000);
    assert!(matches!(values(&outcomes[6]), [Value::Opaque(_)]), "a dict without names: {:?}", outcomes[6]);
    let [Value::Dict(odd)] = values(&outcomes[7]) else { panic!("{:?}", outcomes[7]) };
    assert_eq!(odd[0].1, Value::Str("\\udc80".to_owned()));
    assert!(matches!(&odd[1].1, Value::Opaque(text) if text.contains("201 bits")), "{:?}", odd[1]);
    assert!(matches!(&odd[2].1, Value::Opaque(text) if text.contains("float16")), "{:?}", odd[2]);
    assert!(matches!(odd[3].1, Value::Scalar(Scalar::Float(v)) if v.is_nan() && v.is_sign_negative()), "{:?}", odd[3]);
    assert_eq!(outcomes[8], Outcome::Values(vec![Value::Array(float64(&[1], &[-1.0]))]));
    let (status, stderr) = worker.stop();
    assert_eq!(status, Some(0));
    for printed in ["while it is imported", "printed from Python", "written to descriptor 1", "printed from C"] {
        assert!(stderr.contains(printed), "{printed} in {stderr}");
    }
}

#[test]
fn a_block_is_answered_as_its_programs_are() {
    let step = |function: &str, args| Step { function: function.into(), args, kwargs: vec![], role: Role::Subject };
    let of = |inputs: Vec<Array>, function: &str, args: Vec<Arg>, returns: Vec<u32>| Block {
        program: Program { inputs, steps: vec![step(function, args)], returns },
        runs: 2,
    };
    let (x, y, r) = (|| float64(&[2, 3], &[1.0, -2.0, 3.0, 4.0, -0.0, 6.0]), || float64(&[2], &[5.0, f64::INFINITY]), Arg::Register);
    let blocks = [
        of(vec![x()], "negative", vec![r(0)], vec![1]),
        // Arrays of rank 0, and the scalars that NumPy returns in their place.
        of(vec![x(), y()], "add", vec![r(0), r(1)], vec![2, 0]),
        of(vec![y()], "negative", vec![r(0)], vec![1]),
        of(vec![y()], "negative", vec![r(0)], vec![0, 1]),
        of(vec![x(), y()], "operator.iadd", vec![r(0), r(1)], vec![2, 0]),
        of(vec![float64(&[2, 0], &[])], "negative", vec![r(0)], vec![1]),
        // These cannot be joined: scalars, different shapes, failures of all programs, failures of some.
        of(vec![y()], "builtins.float", vec![r(0)], vec![1]),
        of(vec![x()], "nonzero", vec![r(0)], vec![1]),
        of(vec![x()], "unique_values", vec![r(0)], vec![1]),
        of(vec![float64(&[2, 2], &[1.0, 1.0, 2.0, 3.0])], "unique_values", vec![r(0)], vec![1]),
        of(vec![y()], "no_such_function", vec![r(0)], vec![0]),
        of(vec![y()], "builtins.int", vec![r(0)], vec![1]),
        of(vec![y()], "builtins.int", vec![r(0)], vec![0, 1]),
    ];
    let mut worker = Worker::start(&command("numpy"));
    assert!(worker.hello(&[]).reads_blocks);
    let mut joined = 0;
    for block in blocks {
        let together = worker.run_blocks(std::slice::from_ref(&block));
        joined += usize::from(together.len() == 1);
        assert!(together.iter().all(Outcome::is_consistent), "{together:?}");
        let apart: Vec<Outcome> = together.into_iter().flat_map(Outcome::split).collect();
        assert_eq!(apart, worker.run(block.programs().collect()), "{block:?}");
    }
    assert_eq!(joined, 7);
}

#[test]
fn outcomes_of_slow_programs_come_as_they_are_made() {
    let mut worker = fixture("noisy");
    worker.hello(&[]);
    let programs = vec![apply("slow", float64(&[1], &[1.0])); 3];
    write_frame(&mut worker.input, &HostFrame::Batch { id: 3, programs }).unwrap();
    assert_eq!(worker.answers(3, 3).len(), 3);
    write_frame(&mut worker.input, &HostFrame::Batch { id: 4, programs: vec![] }).unwrap();
    match read_frame(&mut worker.output).unwrap() {
        Some(WorkerFrame::Outcomes { id: 4, first: 0, outcomes }) => assert!(outcomes.is_empty()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn fields_come_in_any_order_and_unknown_ones_are_ignored() {
    #[derive(serde::Serialize)]
    struct OtherPlan {
        returns: Vec<u32>,
        colour: &'static str,
        steps: Vec<Step>,
        inputs: usize,
    }
    type OtherProgram = (u32, Vec<(DType, Vec<usize>, usize)>);
    #[derive(serde::Serialize)]
    #[serde(rename_all = "lowercase")]
    enum OtherHost {
        Batch { programs: Vec<OtherProgram>, colour: u8, data: ByteBuf, id: u64, plans: Vec<ByteBuf> },
    }
    let mut worker = Worker::start(&command("numpy"));
    worker.hello(&[]);
    let Program { inputs, steps, returns } = apply("negative", float64(&[1], &[1.0]));
    let plan = OtherPlan { returns, colour: "red", steps, inputs: 1 };
    let plans = vec![ByteBuf::from(encode_frame(&plan).unwrap().split_off(4))];
    let data = ByteBuf::from(inputs[0].data.clone());
    let programs = vec![(0, vec![(DType::Float64, vec![1], 0)])];
    write_frame(&mut worker.input, &OtherHost::Batch { programs, colour: 1, data, id: 9, plans }).unwrap();
    assert_eq!(worker.answers(9, 1).concat(), [Outcome::Values(vec![Value::Array(float64(&[1], &[-1.0]))])]);
}

#[test]
fn a_module_that_cannot_be_imported_is_named_on_stderr() {
    let (status, stderr) = fixture("no_such_module").end();
    assert_eq!(status, Some(3));
    assert!(stderr.contains("`no_such_module`") && stderr.contains("ModuleNotFoundError"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn the_end_of_the_input_ends_the_worker() {
    let mut worker = Worker::start(&command("numpy"));
    worker.hello(&[]);
    assert_eq!(worker.end(), (Some(0), String::new()));
}

#[test]
fn messagepack_is_provisioned_for_an_interpreter_that_lacks_it() {
    // An environment with Python only.
    let bare = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let host = command("numpy").program;
    let made = Command::new(host).args(["-I", "-m", "venv", "--without-pip"]).arg(bare.path()).status().unwrap();
    assert!(made.success());
    let python = bare.path().join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let command = module("pure", Some(&python), state(), &mut |_| ()).unwrap_or_else(|error| panic!("failed to {error}"));
    assert!(command.args.iter().any(|arg| arg == "--append-path"), "{command:?}");
    let mut worker = Worker::start(&command);
    assert_eq!(worker.hello(&[]).name, "pure");
    round_trip(&mut worker, &[DType::Float64, DType::Complex64, DType::Uint64], false);
    assert_eq!(worker.stop(), (Some(0), String::new()));
}

#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    let error = named("nunpy", state(), &mut |_| ()).unwrap_err().to_string();
    assert!(error.contains("`nunpy`") && error.contains("array-api-strict") && error.contains("python:MODULE"), "{error}");
}
