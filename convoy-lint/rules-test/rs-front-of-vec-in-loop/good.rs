fn f(queue: &mut Vec<u8>) {
    queue.remove(0);
    while let Some(x) = queue.pop() {
        queue.remove(1);
        work(x);
    }
}
