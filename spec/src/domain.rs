//! The domain of a parameter: its legal arguments, and how they depend on other arguments.

use crate::dtypes::DTYPE_FACTS;

/// The legal arguments of a parameter. `of` names a parameter before it that the argument depends on.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs)]
pub enum Domain {
    /// An array.
    Array {
        #[serde(default = "any_rank")]
        rank: (usize, usize),
        #[serde(default)]
        of: Option<String>,
        #[serde(default)]
        along: Option<String>,
        #[serde(default)]
        dtype: DtypeRelation,
        #[serde(default)]
        shape: ShapeRelation,
        #[serde(default)]
        values: Values,
        /// Whether a library may refuse an array that is a view. It may never be the result of another call.
        #[serde(default)]
        contiguous: bool,
    },
    /// A sequence of arrays, or several positional arguments.
    Arrays {
        #[serde(default = "few")]
        count: (usize, usize),
        #[serde(default = "any_rank")]
        rank: (usize, usize),
        #[serde(default)]
        dtype: DtypeRelation,
        #[serde(default)]
        shape: ShapeRelation,
    },
    /// An array or a Python scalar of a kind that goes with the dtype of `of`. With `either`, `of` may be the scalar instead.
    ArrayOrScalar {
        of: String,
        shape: ShapeRelation,
        #[serde(default)]
        either: bool,
    },
    /// An array or a dtype.
    ArrayOrDtype {},
    /// Arrays, dtypes and Python scalars that promote together.
    Mixture {},
    /// One axis, counted from the front or from the back.
    Axis { of: String },
    /// One axis or a tuple of axes.
    Axes { of: String },
    /// Axes to move, or their destinations: as many as the parameter `of` has, if that is another such parameter.
    MovedAxes {
        of: String,
        #[serde(default)]
        to: Option<String>,
    },
    /// All axes in some order.
    Permutation { of: String },
    /// The places of new axes of length one.
    NewAxes { of: String },
    /// The place of one new axis, between the axes or after them.
    NewAxis { of: String },
    /// Axes of length one.
    UnitAxes { of: String },
    /// A shape: a size or a tuple of sizes.
    Sizes {},
    /// Several shapes that broadcast together, as positional arguments.
    Shapes {},
    /// A shape with as many elements; one size may be -1.
    Reshape { of: String },
    /// A shape to which an array broadcasts.
    BroadcastShape { of: String },
    /// Only `None`.
    None {},
    /// A version of DLPack for the capsule: major and minor, from 1.0 on.
    Version {},
    /// A bool.
    Flag {},
    /// A value of `copy`: True, False or None.
    Copy {},
    /// One of these strings.
    Choice { among: Vec<String> },
    /// One of these strings, a dtype, or a tuple of them.
    Kinds { among: Vec<String> },
    /// An integer within these bounds.
    Integer { between: (i64, i64) },
    /// A real number within these bounds: an integer, or a float with a fraction or without.
    Real { between: (i64, i64) },
    /// An integer or a tuple of integers, one for each axis of `along`.
    Shift { along: String },
    /// Repetitions by axis, for fewer or more axes than `of` has.
    Repetitions { of: String },
    /// The number of repeats of each element: an integer, or an array as long as the axis.
    Repeats { of: String, along: String },
    /// A part of an arithmetic progression.
    Range { part: RangePart },
    /// A Python number that the dtype in the parameter `dtype`, or a default dtype, can hold.
    Number {
        #[serde(default)]
        dtype: Option<String>,
        #[serde(default)]
        of: Option<String>,
    },
    /// A dtype. With `of` one to which the text allows that array to be cast; with `upcast` one of the same kind that is not narrower.
    Dtype {
        #[serde(default)]
        of: Option<String>,
        #[serde(default)]
        upcast: bool,
    },
    /// A device of the library.
    Device {},
    /// Axes to contract: a number of them, or two tuples.
    Contraction { of: String, with: String },
    /// The indices that sort a vector.
    Sorter { of: String },
    /// The order of a norm: a number as Python writes it, `inf`, `-inf`, or the name of a norm.
    Order { among: Vec<String> },
    /// A relative tolerance for the singular values of the matrices `of`: a float, or an array that broadcasts to the stack of matrices.
    Tolerance { of: String },
    /// A key that indexes the array `of`.
    Key { of: String },
    /// A value to assign to the elements of `of` at `key`.
    Assigned { of: String, key: String },
    /// Anything from which an array can be made: an array, a Python scalar, or nested sequences.
    Object { dtype: String },
    /// The number of elements along an axis that a transform takes, fewer or more than there are. With `half` it is the length of the
    /// result, and the input is half of a spectrum.
    TransformLength {
        of: String,
        along: String,
        #[serde(default)]
        half: bool,
    },
    /// A sequence of axes to transform.
    TransformAxes { of: String },
    /// Like `transform_length`, one number for each axis of `along`, if that is given. -1 stands for the length of the axis.
    TransformLengths {
        of: String,
        along: String,
        #[serde(default)]
        half: bool,
    },
    /// The distance between samples: a Python float above zero.
    Spacing {},
}

impl Domain {
    /// The choices that conditions may ask for by name: strings, or kinds of dtypes.
    pub fn choices(&self) -> Vec<&str> {
        match self {
            Domain::Choice { among } => among.iter().map(String::as_str).collect(),
            // Orders of norms that are numbers are compared as numbers.
            Domain::Order { among } => among.iter().map(String::as_str).filter(|order| order.parse::<f64>().is_err()).collect(),
            Domain::Dtype { .. } => DTYPE_FACTS.to_vec(),
            _ => Vec::new(),
        }
    }

    /// The parameters that the domain refers to.
    pub fn related(&self) -> impl Iterator<Item = &str> {
        let (first, second): (Option<&String>, Option<&String>) = match self {
            Domain::Array { of, along, .. } => (of.as_ref(), along.as_ref()),
            Domain::Contraction { of, with } => (Some(of), Some(with)),
            Domain::Assigned { of, key } => (Some(of), Some(key)),
            Domain::Key { of } => (Some(of), None),
            Domain::Repeats { of, along } | Domain::TransformLength { of, along, .. } | Domain::TransformLengths { of, along, .. } => {
                (Some(of), Some(along))
            }
            Domain::MovedAxes { of, to } => (Some(of), to.as_ref()),
            Domain::Number { dtype, of } => (dtype.as_ref(), of.as_ref()),
            Domain::Dtype { of, .. } => (of.as_ref(), None),
            Domain::Shift { along } => (Some(along), None),
            Domain::Object { dtype } => (Some(dtype), None),
            Domain::ArrayOrScalar { of, .. }
            | Domain::Axis { of }
            | Domain::Axes { of }
            | Domain::TransformAxes { of }
            | Domain::Permutation { of }
            | Domain::NewAxes { of }
            | Domain::NewAxis { of }
            | Domain::UnitAxes { of }
            | Domain::Reshape { of }
            | Domain::BroadcastShape { of }
            | Domain::Repetitions { of }
            | Domain::Tolerance { of }
            | Domain::Sorter { of } => (Some(of), None),
            _ => (None, None),
        };
        first.into_iter().chain(second).map(String::as_str)
    }

    /// Whether the arguments are arrays.
    pub fn is_array(&self) -> bool {
        matches!(self, Domain::Array { .. } | Domain::Arrays { .. })
    }

    /// The values of the arrays among the arguments. `None` if there are no arrays, or if their values follow from other arguments.
    pub fn values(&self) -> Option<Values> {
        match self {
            Domain::Array { values, .. } => Some(*values),
            Domain::Arrays { .. } | Domain::ArrayOrScalar { .. } | Domain::Assigned { .. } => Some(Values::Any),
            _ => None,
        }
    }
}

fn any_rank() -> (usize, usize) {
    (0, 5)
}

fn few() -> (usize, usize) {
    (1, 4)
}

/// How the dtype of an array depends on that of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DtypeRelation {
    /// Not at all.
    #[default]
    Own,
    /// The same dtype.
    Same,
    /// A dtype with which the other one promotes.
    Promotes,
}

/// How the shape of an array depends on that of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShapeRelation {
    /// Not at all.
    #[default]
    Own,
    /// The same shape.
    Same,
    /// A shape with which the other one broadcasts.
    Broadcast,
    /// The same shape except along one axis.
    Concat,
    /// A shape with one axis.
    Vector,
    /// A shape that `matmul` takes on the right.
    Matmul,
    /// A square matrix that `matmul` takes on the right.
    Square,
    /// A shape that broadcasts except along the contracted axis, which has the same length.
    Vecdot,
    /// A shape with some axes to contract.
    Contracted,
    /// A shape that broadcasts except along the axis, whose length is free.
    Along,
    /// The shape of square matrices: the last two axes have the same length.
    Squares,
    /// Independent of the other, with three elements along some axis.
    Triples,
    /// The shape of right-hand sides for the matrices of the other array: a vector, or matrices whose stack broadcasts.
    Sides,
}

/// The values that an array is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// Any values.
    #[default]
    Any,
    /// Mostly small numbers, so that sums and products stay in range.
    Tame,
    /// Few different values, so that some are equal.
    Few,
    /// Values in ascending order, without NaN.
    Sorted,
    /// Indices along the axis `along` of `of`.
    Index,
    /// Finite samples of a signal: noise, impulses, tones, whole numbers, tiny and huge numbers; seldom a long signal.
    Signal,
    /// Like `signal`, but mostly half of a spectrum whose transform is real.
    HalfSpectrum,
    /// Finite numbers, small ones and of several magnitudes.
    Finite,
    /// Matrices of known classes: with known spectra, structured, singular, of extreme scale, ...
    Matrices,
    /// Square matrices of such classes that have an inverse.
    Invertible,
    /// Matrices whose leading columns are independent.
    Independent,
    /// Hermitian matrices, which are symmetric if they are real.
    Hermitian,
    /// Hermitian matrices with positive eigenvalues.
    Definite,
    /// Values in [0, 1].
    Unit,
    /// Values in [0, 100].
    Percent,
    /// Integers from 0 to 7.
    Small,
    /// Small numbers. Floating-point arrays also hold many NaN and infinities, so that whole slices hold nothing else.
    Holes,
}

impl Values {
    /// Whether they are those of whole matrices, not of single elements.
    pub fn is_of_matrices(self) -> bool {
        matches!(self, Values::Matrices | Values::Invertible | Values::Independent | Values::Hermitian | Values::Definite)
    }
}

/// A part of an arithmetic progression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RangePart {
    Start,
    Stop,
    Step,
}
