//! Bytes of elements put together again that lie apart.

/// Puts elements of `width` bytes together; bytes after the last whole one are as they were. `elements` has the length of `bytes`.
pub(super) fn undo(bytes: &[u8], width: usize, elements: &mut [u8]) {
    let n = bytes.len().checked_div(width).unwrap_or(0);
    if width <= 1 || n <= 1 {
        return elements.copy_from_slice(bytes);
    }
    match width {
        2 => together::<2>(bytes, elements),
        4 => together::<4>(bytes, elements),
        8 => together::<8>(bytes, elements),
        16 => together::<16>(bytes, elements),
        _ => {
            for (i, element) in elements.chunks_exact_mut(width).enumerate() {
                for (byte, at) in element.iter_mut().zip((i..).step_by(n)) {
                    *byte = bytes[at];
                }
            }
        }
    }
    elements[n * width..].copy_from_slice(&bytes[n * width..]);
}

fn together<const WIDTH: usize>(bytes: &[u8], elements: &mut [u8]) {
    let n = bytes.len() / WIDTH;
    let planes: [&[u8]; WIDTH] = std::array::from_fn(|byte| &bytes[byte * n..][..n]);
    let (elements, _) = elements.as_chunks_mut::<WIDTH>();
    for (i, element) in elements.iter_mut().enumerate() {
        *element = std::array::from_fn(|byte| planes[byte][i]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_shuffled_is_put_together(bytes in prop::collection::vec(any::<u8>(), 0..1000), width in 0usize..20) {
            let n = bytes.len().checked_div(width).unwrap_or(0);
            let mut shuffled: Vec<u8> =
                (0..width).flat_map(|byte| (0..n).map(move |i| (i, byte))).map(|(i, byte)| bytes[i * width + byte]).collect();
            shuffled.extend(&bytes[n * width..]);
            let mut together = vec![0; bytes.len()];
            super::undo(&shuffled, width, &mut together);
            prop_assert_eq!(together, bytes);
        }
    }
}
