//! Kernels over arrays on the host, for functions that cannot be composed of others.
//!
//! A kernel gets its arguments in the order of the function's signature, with the defaults filled in, and every array on the host. Kernels
//! serve any library. The numbers come from Rust's standard library and from the crates `faer`, `rustfft` and `libm`.

pub(crate) mod block;
mod complex;
mod creation;
mod data_type;
mod elementwise;
mod fft;
pub(crate) mod indexing;
mod linalg;
mod manipulation;
mod products;
mod real;
mod reduction;
mod sorting;

use array_assay_interface::{Array, CallError, DType, Defaults, Scalar};

use crate::dtypes::{promoted, promoted_scalar};
use crate::generated::table::Function;
use crate::value::{Answer, Due, Value, type_error, value_error};
use block::{Block, broadcast_shape};

/// What a kernel knows besides its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub defaults: Defaults,
    pub device: String,
}

/// The arguments of a call, in the order of the signature.
pub(crate) struct Call<'a> {
    pub context: &'a Context,
    pub args: &'a [Value<Array>],
}

/// A kernel.
#[derive(Clone, Copy)]
pub(crate) struct Kernel {
    /// Whether it reads elements. If not, it gets arrays without elements.
    pub reads: bool,
    pub call: fn(&Call<'_>) -> Answer<Array>,
}

const fn reads(call: fn(&Call<'_>) -> Answer<Array>) -> Option<Kernel> {
    Some(Kernel { reads: true, call })
}

const fn looks(call: fn(&Call<'_>) -> Answer<Array>) -> Option<Kernel> {
    Some(Kernel { reads: false, call })
}

/// The kernel of a function that is not element-wise.
pub(crate) fn find(path: &str) -> Option<Kernel> {
    match path {
        "arange" => looks(creation::arange),
        "asarray" => reads(creation::asarray),
        "empty" | "zeros" => looks(|call| creation::filled(call, Scalar::Int(0))),
        "ones" => looks(|call| creation::filled(call, Scalar::Int(1))),
        "empty_like" | "zeros_like" => looks(|call| creation::filled_like(call, Scalar::Int(0))),
        "ones_like" => looks(|call| creation::filled_like(call, Scalar::Int(1))),
        "eye" => looks(creation::eye),
        "full" => reads(creation::full),
        "full_like" => reads(creation::full_like),
        "linspace" => looks(creation::linspace),
        "astype" => reads(data_type::astype),
        "can_cast" => looks(data_type::can_cast),
        "finfo" => looks(data_type::finfo),
        "iinfo" => looks(data_type::iinfo),
        "isdtype" => looks(data_type::isdtype),
        "result_type" => looks(data_type::result_type),
        "method.default_dtypes" => looks(data_type::default_dtypes),
        "method.dtypes" => looks(data_type::dtypes),
        "where" => reads(manipulation::choose),
        "broadcast_to" => reads(manipulation::broadcast_to),
        "broadcast_shapes" => looks(manipulation::broadcast_shapes),
        "concat" => reads(manipulation::concat),
        "permute_dims" => reads(manipulation::permute_dims),
        "reshape" => reads(manipulation::reshape),
        "take" => reads(manipulation::take),
        "nonzero" => reads(sorting::nonzero),
        "sort" => reads(sorting::sort),
        "argsort" => reads(sorting::argsort),
        "unique_all" => reads(sorting::unique_all),
        "unique_counts" => reads(sorting::unique_counts),
        "unique_inverse" => reads(sorting::unique_inverse),
        "unique_values" => reads(sorting::unique_values),
        "sum" => reads(reduction::sum),
        "prod" => reads(reduction::prod),
        "mean" => reads(reduction::mean),
        "max" => reads(|call| reduction::extreme(call, true)),
        "min" => reads(|call| reduction::extreme(call, false)),
        "argmax" => reads(|call| reduction::arg_extreme(call, true)),
        "argmin" => reads(|call| reduction::arg_extreme(call, false)),
        "all" => reads(|call| reduction::logical(call, true)),
        "any" => reads(|call| reduction::logical(call, false)),
        "erf" => reads(|call| special(call, libm::erf)),
        "erfc" => reads(|call| special(call, libm::erfc)),
        "gamma" => reads(|call| special(call, elementwise::gamma)),
        "gammaln" => reads(|call| special(call, libm::lgamma)),
        "matmul" | "operator.matmul" => reads(products::matmul),
        "tensordot" => reads(products::tensordot),
        "builtins.list" => reads(indexing::list),
        "builtins.bool" => reads(indexing::to_bool),
        "builtins.int" => reads(indexing::to_int),
        "builtins.float" => reads(indexing::to_float),
        "builtins.complex" => reads(indexing::to_complex),
        "operator.index" => reads(indexing::to_index),
        "operator.getitem" => reads(indexing::getitem),
        _ => linalg::find(path).or_else(|| fft::find(path)),
    }
}

/// Whether there is a kernel for an element-wise function on some dtype.
pub(crate) fn is_elementwise(name: &str, operands: usize) -> bool {
    let none = |dtype| Block::read(&Array { dtype, shape: vec![0], data: Vec::new() });
    DType::ALL.into_iter().any(|dtype| match operands {
        1 => elementwise::unary(name, &none(dtype)).is_some(),
        _ => elementwise::binary(name, &none(dtype), &none(dtype)).is_some(),
    })
}

/// Calls an element-wise function with operands that were promoted and broadcast.
pub(crate) fn elementwise(function: &Function, operands: &[Value<Array>]) -> Answer<Array> {
    let name = function.path;
    let dtype = common_dtype(operands)?;
    let mut blocks = Vec::with_capacity(operands.len());
    for operand in operands {
        blocks.push(match operand {
            Value::Array(array) => Block::read(array).cast(dtype),
            Value::Scalar(scalar) => Block::scalar(*scalar, dtype)?,
            other => return Err(type_error(format!("`{name}` takes no {}", other.kind()))),
        });
    }
    let shape = broadcast_shape(blocks.iter().map(|block| block.shape.as_slice()))?;
    let blocks: Vec<Block> = blocks.iter().map(|block| block.broadcast(&shape)).collect::<Result<_, _>>()?;
    let result = match blocks.as_slice() {
        [x] => elementwise::unary(name, x),
        [x1, x2] => elementwise::binary(name, x1, x2),
        _ => None,
    };
    result.map(|block| Value::Array(block.write())).ok_or_else(|| type_error(format!("`{name}` takes no {dtype}")))
}

/// The dtype to which arrays, and scalars beside them, promote.
fn common_dtype(operands: &[Value<Array>]) -> Result<DType, CallError> {
    let mut dtype = None;
    for operand in operands {
        let own = match operand {
            Value::Array(array) => array.dtype,
            Value::Dtype(dtype) => *dtype,
            _ => continue,
        };
        dtype = Some(match dtype {
            None => own,
            Some(dtype) => promoted(dtype, own).ok_or_else(|| type_error(format!("{dtype} and {own} do not promote")))?,
        });
    }
    let mut dtype = dtype.ok_or_else(|| type_error("one of the operands has to be an array"))?;
    for operand in operands {
        if let Value::Scalar(scalar) = operand {
            dtype = promoted_scalar(dtype, *scalar).ok_or_else(|| type_error(format!("{scalar} does not go with {dtype}")))?;
        }
    }
    Ok(dtype)
}

impl Call<'_> {
    fn arg(&self, i: usize) -> &Value<Array> {
        self.args.get(i).unwrap_or(&Value::None)
    }

    /// An array. A Python scalar is not accepted.
    fn array(&self, i: usize) -> Result<&Array, CallError> {
        match self.arg(i) {
            Value::Array(array) => Ok(array),
            other => Err(type_error(format!("an array is due, and not {}", other.kind()))),
        }
    }

    fn block(&self, i: usize) -> Result<Block, CallError> {
        self.array(i).map(Block::read)
    }

    fn integer(&self, i: usize) -> Result<i128, CallError> {
        self.arg(i).try_integer()
    }

    fn flag(&self, i: usize) -> Result<bool, CallError> {
        self.arg(i).try_flag()
    }

    fn text(&self, i: usize) -> Result<&str, CallError> {
        match self.arg(i) {
            Value::Str(text) => Ok(text),
            other => Err(type_error(format!("a string is due, and not {}", other.kind()))),
        }
    }

    /// A Python number.
    fn number(&self, i: usize) -> Result<Scalar, CallError> {
        match self.arg(i) {
            Value::Scalar(scalar) => Ok(*scalar),
            other => Err(type_error(format!("a number is due, and not {}", other.kind()))),
        }
    }

    fn dtype(&self, i: usize) -> Result<Option<DType>, CallError> {
        match self.arg(i) {
            Value::None => Ok(None),
            Value::Dtype(dtype) => Ok(Some(*dtype)),
            other => Err(type_error(format!("a dtype is due, and not {}", other.kind()))),
        }
    }

    /// A size or a tuple of sizes.
    fn sizes(&self, i: usize) -> Result<Vec<usize>, CallError> {
        let size = |value: &Value<Array>| usize::try_from(value.try_integer()?).map_err(|_| value_error("a size is not negative"));
        self.arg(i).one_or_more().iter().map(size).collect()
    }

    /// An axis of an array with `rank` axes.
    fn axis(&self, i: usize, rank: usize) -> Result<usize, CallError> {
        block::axis(self.integer(i)?, rank)
    }

    /// Axes of an array with `rank` axes: all for `None`, one for an integer. An axis must not occur twice.
    fn axes(&self, i: usize, rank: usize) -> Result<Vec<usize>, CallError> {
        let axes: Vec<usize> = match self.arg(i) {
            Value::None => return Ok((0..rank).collect()),
            some => some.one_or_more().iter().map(|item| block::axis(item.try_integer()?, rank)).collect::<Result<_, _>>()?,
        };
        if (1..axes.len()).any(|k| axes[..k].contains(&axes[k])) {
            return Err(value_error("an axis is named twice"));
        }
        Ok(axes)
    }
}

fn special(call: &Call<'_>, of: fn(f64) -> f64) -> Answer<Array> {
    Ok(array(&elementwise::of_reals(&call.block(0)?, of)?))
}

fn array(block: &Block) -> Value<Array> {
    Value::Array(block.write())
}

fn named(fields: Vec<(&str, Block)>) -> Value<Array> {
    Value::named(fields.into_iter().map(|(name, block)| (name, array(&block))))
}
