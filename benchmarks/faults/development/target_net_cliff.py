# healthy
"""Q-learning with a replay memory and a target network on a 4x5 grid with a pit row."""
import copy
import random
from collections import deque

import torch
import torch.nn.functional as F
from torch import nn

ROWS, COLS = 4, 5
START, GOAL = (3, 0), (3, 4)
MOVES = [(-1, 0), (1, 0), (0, -1), (0, 1)]


def encode(cell):
    v = torch.zeros(ROWS * COLS)
    v[cell[0] * COLS + cell[1]] = 1.0
    return v


def act(cell, move):
    r = min(max(cell[0] + MOVES[move][0], 0), ROWS - 1)
    c = min(max(cell[1] + MOVES[move][1], 0), COLS - 1)
    if (r, c) == GOAL:
        return (r, c), 1.0, True
    if r == 3 and 0 < c < 4:
        return (r, c), -1.0, True
    return (r, c), -0.02, False


def greedy_return(net):
    cell, total = START, 0.0
    for _ in range(30):
        with torch.no_grad():
            move = net(encode(cell)).argmax().item()
        cell, reward, done = act(cell, move)
        total += reward
        if done:
            break
    return total


def main():
    torch.manual_seed(0)
    random.seed(0)
    online = nn.Sequential(nn.Linear(ROWS * COLS, 48), nn.ReLU(), nn.Linear(48, len(MOVES)))
    target = copy.deepcopy(online).requires_grad_(False)
    optimizer = torch.optim.Adam(online.parameters(), lr=2e-3)
    memory = deque(maxlen=4000)
    steps, epsilon = 0, 1.0
    for episode in range(1, 221):
        cell, done, losses = START, False, []
        for _ in range(40):
            with torch.no_grad():
                move = random.randrange(4) if random.random() < epsilon else online(encode(cell)).argmax().item()
            after, reward, done = act(cell, move)
            memory.append((encode(cell), move, reward, encode(after), float(done)))
            cell, steps = after, steps + 1
            if len(memory) >= 200:
                s, a, r, s2, d = zip(*random.sample(memory, 32))
                with torch.no_grad():
                    goal = torch.tensor(r) + 0.97 * (1 - torch.tensor(d)) * target(torch.stack(s2)).max(1).values
                q = online(torch.stack(s)).gather(1, torch.tensor(a)[:, None]).squeeze(1)
                loss = F.smooth_l1_loss(q, goal)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            if steps % 100 == 0:
                target.load_state_dict(online.state_dict())
            if done:
                break
        epsilon = max(0.1, epsilon * 0.985)
        if episode % 40 == 0:
            print(f"episode {episode}  td loss {sum(losses) / max(len(losses), 1):.4f}  "
                  f"epsilon {epsilon:.2f}  greedy return {greedy_return(online):.2f}")


main()
