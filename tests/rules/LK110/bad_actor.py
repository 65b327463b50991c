"""Keep to the middle of a windy road: an actor that is told by a critic how well it does."""

import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(4)
MOVES = torch.tensor([-0.3, 0.0, 0.3])


def net(outputs):
    return nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, outputs))


actor, critic = net(3), net(1)
actor_optimizer = torch.optim.Adam(actor.parameters(), lr=5e-3)
critic_optimizer = torch.optim.Adam(critic.parameters(), lr=2e-2)
for update in range(300):
    place = 4 * torch.rand(64, 1) - 2
    log_probabilities, values, rewards = [], [], []
    for _ in range(10):
        chosen = Categorical(logits=actor(place))
        move = chosen.sample()
        log_probabilities.append(chosen.log_prob(move))
        values.append(critic(place).squeeze(1))
        place = (place + MOVES[move].unsqueeze(1) + 0.1 * torch.randn(64, 1)).clamp(-2, 2)
        rewards.append(-place.abs().squeeze(1))
    with torch.no_grad():
        returns, after = [], critic(place).squeeze(1)
    for reward in reversed(rewards):
        after = reward + 0.9 * after
        returns.insert(0, after)
    returns, values = torch.stack(returns), torch.stack(values)
    advantage = (returns - values).detach()
    advantage = (advantage - advantage.mean()) / advantage.std()
    actor_loss = (torch.stack(log_probabilities) * advantage).mean()  # <- fault
    actor_optimizer.zero_grad()
    actor_loss.backward()
    actor_optimizer.step()
    critic_loss = nn.functional.mse_loss(values, returns)
    critic_optimizer.zero_grad()
    critic_loss.backward()
    critic_optimizer.step()
    if update % 50 == 49:
        print(update, "reward", torch.stack(rewards).mean().item())
