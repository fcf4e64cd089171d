//! Kernels that move and choose elements.

use array_assay_interface::{Array, CallError};

use super::block::{Block, axis, broadcast_shape, strides};
use super::{Call, array, common_dtype, elementwise};
use crate::value::{Answer, Due, Value, value_error};

/// `where(condition, x1, x2, /)`
pub(super) fn choose(call: &Call<'_>) -> Answer<Array> {
    let condition = call.block(0)?;
    let operands = &call.args[1..];
    let dtype = common_dtype(operands)?;
    let mut blocks = Vec::with_capacity(2);
    for operand in operands {
        blocks.push(match operand {
            Value::Scalar(scalar) => Block::scalar(*scalar, dtype)?,
            _ => call.block(1 + blocks.len())?.cast(dtype),
        });
    }
    let shape = broadcast_shape([&condition, &blocks[0], &blocks[1]].into_iter().map(|block| block.shape.as_slice()))?;
    let [condition, x1, x2] = [condition.broadcast(&shape)?, blocks[0].broadcast(&shape)?, blocks[1].broadcast(&shape)?];
    Ok(array(&elementwise::choose(&condition, &x1, &x2)?))
}

pub(super) fn broadcast_to(call: &Call<'_>) -> Answer<Array> {
    Ok(array(&call.block(0)?.broadcast(&call.sizes(1)?)?))
}

pub(super) fn broadcast_shapes(call: &Call<'_>) -> Answer<Array> {
    let mut shapes = Vec::new();
    for shape in call.arg(0).try_items()? {
        let sizes = shape.try_items()?.iter().map(Value::try_integer).collect::<Result<Vec<i128>, CallError>>()?;
        shapes.push(sizes.into_iter().map(|n| n as usize).collect::<Vec<usize>>());
    }
    Ok(Value::ints(broadcast_shape(shapes.iter().map(Vec::as_slice))?))
}

/// `concat(arrays, /, *, axis)`
pub(super) fn concat(call: &Call<'_>) -> Answer<Array> {
    let items = call.arg(0).try_items()?;
    let dtype = common_dtype(items)?;
    let mut blocks = Vec::with_capacity(items.len());
    for item in items {
        let Value::Array(item) = item else { return Err(value_error(format!("{} is not joined", item.kind()))) };
        blocks.push(Block::read(item).cast(dtype));
    }
    let along = if call.arg(1).is_none() {
        blocks.iter_mut().for_each(|block| block.shape = vec![block.len()]);
        0
    } else {
        call.axis(1, blocks[0].shape.len())?
    };
    let mut shape = blocks[0].shape.clone();
    shape[along] = 0;
    for block in &blocks {
        let fits = block.shape.len() == shape.len() && block.shape.iter().zip(&shape).enumerate().all(|(i, (n, m))| i == along || n == m);
        if !fits {
            return Err(value_error("the arrays differ in shape, and not along the axis alone"));
        }
        shape[along] += block.shape[along];
    }
    let outer: usize = shape[..along].iter().product();
    let size = dtype.size();
    let written: Vec<(usize, Vec<u8>)> =
        blocks.iter().map(|block| (block.shape[along..].iter().product::<usize>() * size, block.write().data)).collect();
    let mut data = Vec::with_capacity(shape.iter().product::<usize>() * size);
    for i in 0..outer {
        for (run, bytes) in &written {
            data.extend_from_slice(&bytes[i * run..(i + 1) * run]);
        }
    }
    Ok(Value::Array(Array { dtype, shape, data }))
}

pub(super) fn permute_dims(call: &Call<'_>) -> Answer<Array> {
    let x = call.block(0)?;
    let order = call.axes(1, x.shape.len())?;
    if order.len() != x.shape.len() {
        return Err(value_error("the order has to name every axis"));
    }
    Ok(array(&x.permuted(&order)))
}

/// `reshape(x, /, shape, *, copy)`
pub(super) fn reshape(call: &Call<'_>) -> Answer<Array> {
    let x = call.array(0)?;
    if let Value::Scalar(_) = call.arg(2)
        && !call.flag(2)?
    {
        return Err(value_error("it would have to copy"));
    }
    let sizes = call.arg(1).one_or_more().iter().map(Value::try_integer).collect::<Result<Vec<i128>, CallError>>()?;
    let open = sizes.iter().filter(|n| **n == -1).count();
    let known: i128 = sizes.iter().filter(|n| **n != -1).product();
    let total = x.len() as i128;
    let fits = sizes.iter().all(|n| *n >= -1) && if open == 0 { known == total } else { open == 1 && known > 0 && total % known == 0 };
    if !fits {
        return Err(value_error(format!("{total} elements have no shape {sizes:?}")));
    }
    let shape = sizes.iter().map(|n| if *n == -1 { (total / known) as usize } else { *n as usize }).collect();
    Ok(Value::Array(Array { dtype: x.dtype, shape, data: x.data.clone() }))
}

/// `take(x, indices, /, *, axis)`: a negative index counts from the end
pub(super) fn take(call: &Call<'_>) -> Answer<Array> {
    let (x, indices) = (call.block(0)?, call.block(1)?);
    let rank = x.shape.len();
    let along = if call.arg(2).is_none() && rank <= 1 { axis(0, rank)? } else { call.axis(2, rank)? };
    let n = x.shape[along];
    let chosen = indices.integers().into_iter().map(|i| axis(i, n)).collect::<Result<Vec<usize>, CallError>>()?;
    let stride = strides(&x.shape)[along];
    let outer: usize = x.shape[..along].iter().product();
    let shape = [&x.shape[..along], &indices.shape, &x.shape[along + 1..]].concat();
    let places = (0..outer).flat_map(|o| chosen.iter().flat_map(move |i| (0..stride).map(move |s| (o * n + i) * stride + s)));
    Ok(array(&x.taken(shape, places)))
}
