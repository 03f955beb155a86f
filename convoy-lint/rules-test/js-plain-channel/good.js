new WebSocket('wss://api.example.org/live');
new WebSocket('ws://localhost:3000');
