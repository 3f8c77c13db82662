// A one-time link is sent on by itself.
document.getElementById("enter").requestSubmit();
