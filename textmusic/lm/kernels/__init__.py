"""Training on a CPU without autograd: the gradients of a window, written by hand.

numeric   a compiler with a cache, exp and tanh     gates    one time step, forward and backward
output    cross-entropy, dropout                    window   all steps and layers of some streams
"""
