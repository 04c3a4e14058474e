"""What the project promises and expects of others, as typed documents. It knows no tool."""
