"""What the gateway's tests share: two small subgraphs, an issuer of tokens, and the recorded audit."""
