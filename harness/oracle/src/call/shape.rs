//! Shapes and flat indices.

/// The shape to which several shapes broadcast, if they do.
pub fn broadcast_shapes<'a>(shapes: impl IntoIterator<Item = &'a [usize]>) -> Option<Vec<usize>> {
    let mut shapes = shapes.into_iter();
    let mut out: Vec<usize> = shapes.next()?.to_vec();
    for shape in shapes {
        while out.len() < shape.len() {
            out.insert(0, 1);
        }
        let offset = out.len() - shape.len();
        for (slot, n) in out[offset..].iter_mut().zip(shape) {
            match (*slot, *n) {
                (a, b) if a == b || b == 1 => {}
                (1, b) => *slot = b,
                _ => return None,
            }
        }
    }
    Some(out)
}

/// The flat C-order index of a multi-index.
pub fn flat(shape: &[usize], index: impl Iterator<Item = usize>) -> usize {
    shape.iter().zip(index).fold(0, |at, (n, i)| at * n + i)
}

/// The next multi-index in C order.
pub fn advance(index: &mut [usize], shape: &[usize]) {
    for (i, n) in index.iter_mut().zip(shape).rev() {
        *i += 1;
        if *i < *n {
            return;
        }
        *i = 0;
    }
}

/// The strides in elements of a C-order array.
pub fn strides(shape: &[usize]) -> Vec<usize> {
    let mut out = vec![1; shape.len()];
    for i in (1..shape.len()).rev() {
        out[i - 1] = out[i] * shape[i];
    }
    out
}

/// The elements of a result gathered from a source: `source` maps a multi-index of the result to a flat index of the source.
pub fn gather<T: Copy>(items: &[T], shape: &[usize], source: impl Fn(&[usize]) -> usize) -> Vec<T> {
    let mut index = vec![0; shape.len()];
    (0..shape.iter().product())
        .map(|_| {
            let item = items[source(&index)];
            advance(&mut index, shape);
            item
        })
        .collect()
}

/// The lines of an array along `axis`: for each line, the flat indices of its elements, the lines in C order of the other axes.
pub fn lines(shape: &[usize], axis: usize) -> Vec<Vec<usize>> {
    let stride = strides(shape)[axis];
    let inner: usize = shape[axis + 1..].iter().product();
    let outer: usize = shape[..axis].iter().product();
    let mut out = Vec::with_capacity(outer * inner);
    for o in 0..outer {
        for i in 0..inner {
            out.push((0..shape[axis]).map(|k| o * shape[axis] * inner + k * stride + i).collect());
        }
    }
    out
}
