// bad
new WebSocket('ws://api.example.org/live');
// bad
grpc.credentials.createInsecure();
