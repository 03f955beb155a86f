fn f(queue: &mut Vec<u8>) {
    while !queue.is_empty() {
        // bad
        let next = queue.remove(0);
        work(next);
    }
}
