//! A server on loopback that something is posted to: it keeps what it was sent, and
//! answers as it was told.

use std::collections::VecDeque;
use std::io::BufReader;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use crate::http;
use crate::wait;

/// One request.
#[derive(Debug, Clone)]
pub struct Posted {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub json: Value,
}

impl Posted {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(is, _)| is == name).map_or("", |(_, value)| value)
    }
}

/// How the next requests are answered; 0: never, the connection stays open.
#[derive(Debug, Default)]
struct Book {
    posted: Vec<Posted>,
    next: VecDeque<u16>,
}

#[derive(Debug)]
pub struct Receiver {
    pub port: u16,
    book: Arc<Mutex<Book>>,
}

impl Receiver {
    /// Answers so, in this order, and 200 from then on.
    pub fn answering(next: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let book = Arc::new(Mutex::new(Book { posted: Vec::new(), next: next.iter().copied().collect() }));
        let kept = Arc::clone(&book);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let book = Arc::clone(&kept);
                thread::spawn(move || serve(&stream, &book));
            }
        });
        Receiver { port, book }
    }

    pub fn posted(&self) -> Vec<Posted> {
        self.book.lock().expect("the book").posted.clone()
    }

    /// Waits for so many requests.
    pub fn until_posted(&self, count: usize) -> Vec<Posted> {
        let shown = || format!("{:?}", self.posted());
        wait::until("it was posted to", shown, || Some(self.posted()).filter(|all| all.len() >= count))
    }
}

fn serve(stream: &TcpStream, book: &Mutex<Book>) {
    let mut reader = BufReader::new(stream);
    while let Some(received) = http::read(&mut reader) {
        let json = serde_json::from_slice(&received.body).unwrap_or(Value::Null);
        let http::Received { method, path, headers, .. } = received;
        let status = {
            let mut book = book.lock().expect("the book");
            book.posted.push(Posted { method, path, headers, json });
            book.next.pop_front().unwrap_or(200)
        };
        if status == 0 {
            // Until whoever asks is gone.
            let _ = http::read(&mut reader);
            return;
        }
        let location = ("location".to_owned(), "/elsewhere".to_owned());
        let headers: &[(String, String)] = if status / 100 == 3 { &[location] } else { &[] };
        if http::write(stream, status, headers, "text/plain", b"ok").is_err() {
            return;
        }
    }
}
